/// Single parts, by JMH: parser and encoder, machine, log, core.
@NullMarked
package org.bellwether.bench.micro;

import org.jspecify.annotations.NullMarked;
