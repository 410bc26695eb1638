package io.github.cortado.benchmarks;

import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.Pool2dSpec;

/** LeNet's convolutions, each followed by 2x2 max-pooling of its output. */
public enum LeNetLayer {
    /** 3 to 16 channels at 32 x 32. */
    conv1(3, 16, 32),
    /** 16 to 32 channels at 16 x 16. */
    conv2(16, 32, 16),
    /** 32 to 64 channels at 8 x 8. */
    conv3(32, 64, 8);

    final int in;
    final int out;
    final int side;

    LeNetLayer(int in, int out, int side) {
        this.in = in;
        this.out = out;
        this.side = side;
    }

    /** The convolution of n pictures: 3x3, stride 1, padding 1. */
    Conv2dSpec convolution(int n) {
        return new Conv2dSpec(n, in, side, side, out, 3, 3, 1, 1, 1, 1, 1, 1, 1);
    }

    /** The pooling that follows. */
    Pool2dSpec pooling(int n) {
        return new Pool2dSpec(n, out, side, side, 2, 2, 2, 2, 0, 0, true);
    }
}
