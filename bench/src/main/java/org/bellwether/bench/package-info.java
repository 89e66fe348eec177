/// Measurements that need more than a load generator. Not shipped.
@NullMarked
package org.bellwether.bench;

import org.jspecify.annotations.NullMarked;
