package io.github.cortado.backend.cpu.vector.conv;

import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.cpu.IntMath;

/**
 * What a convolution, or its transpose, reads and writes.
 *
 * @param groups of channels that know nothing of each other
 * @param in channels that a group reads
 * @param out channels that a group writes
 */
record Channels(int groups, int in, int out) {
    /** From a convolution's input to its output. */
    static Channels forward(Conv2dSpec s) {
        return new Channels(s.groups(), s.inChannels() / s.groups(), s.outChannels() / s.groups());
    }

    /** From its output to its input. */
    static Channels backward(Conv2dSpec s) {
        return new Channels(s.groups(), s.outChannels() / s.groups(), s.inChannels() / s.groups());
    }

    /** Blocks of at most {@code size} channels in which a group is written. */
    int blocksOfGroup(int size) {
        return IntMath.ceilDiv(out, size);
    }
}
