/// A small store on Apache Ratis, so that the decision for a core of our own (ADR 5) can be measured again.
@NullMarked
package org.bellwether.bench.ratis;

import org.jspecify.annotations.NullMarked;
