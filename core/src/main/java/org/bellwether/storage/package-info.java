/// Where the state lives: the storage contract and its memory implementation.
@NullMarked
package org.bellwether.storage;

import org.jspecify.annotations.NullMarked;
