package io.github.cortado.backend;

import org.jspecify.annotations.Nullable;

/** A convolution, and the pooling of its outputs. */
public record ConvPoolSpec(Conv2dSpec conv, Pool2dSpec pool) {
    // Written out, for plans are kept by it: what javac makes of a record costs 25 ms at its first
    // use.
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ConvPoolSpec s && conv.equals(s.conv) && pool.equals(s.pool);
    }

    @Override
    public int hashCode() {
        return 31 * conv.hashCode() + pool.hashCode();
    }
}
