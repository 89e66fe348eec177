package org.bellwether.api;

/// What becomes of a value when a new one is made of it. An absent key counts as an empty value, or as zero.
public sealed interface Amendment {
    /// Adds to an integer of 64 bits, in decimal digits as Redis reads them. Answered with [Result.Amount], the sum;
    /// refused with [Refusal.Arithmetic].
    record Add(long number) implements Amendment {}

    /// Adds to a decimal fraction, with 64 bits of mantissa as Redis does on x86. Answered with [Result.Text],
    /// the sum; refused with [Refusal.Arithmetic].
    ///
    /// @param number as text
    record AddDecimal(Bytes number) implements Amendment {}

    /// Puts bytes at the end. Answered with [Result.Amount], the length of what is there now.
    record Append(Bytes bytes) implements Amendment {}

    /// Puts bytes over what is there, from an offset on; a gap in front of it is filled with zeros. No bytes change
    /// nothing. Answered with [Result.Amount], the length of what is there now.
    record Overwrite(int offset, Bytes bytes) implements Amendment {}
}
