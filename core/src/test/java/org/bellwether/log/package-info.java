/// What a log on disk must survive.
@NullMarked
package org.bellwether.log;

import org.jspecify.annotations.NullMarked;
