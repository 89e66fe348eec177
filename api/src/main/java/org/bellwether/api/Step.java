package org.bellwether.api;

/// What a [Command.Transaction] is made of.
public sealed interface Step permits Command.Plain, Read.Plain {}
