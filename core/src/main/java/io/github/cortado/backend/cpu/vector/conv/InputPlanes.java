package io.github.cortado.backend.cpu.vector.conv;

import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.cpu.vector.layout.Planes;
import io.github.cortado.backend.cpu.vector.layout.Side;
import java.util.Arrays;

/** How x is laid out for what reads it: forward and the gradient of the weights. */
final class InputPlanes {
    private InputPlanes() {}

    /** The planes of a group of channels, {@code pieces} of work of a strip. */
    static Planes of(Conv2dSpec s, int pieces) {
        return Planes.of(s.n(), pieces, s.inChannels() / s.groups(), rows(s), columns(s));
    }

    /** The planes of a whole picture. */
    static Planes whole(Conv2dSpec s) {
        return Planes.whole(rows(s), columns(s));
    }

    private static Side rows(Conv2dSpec s) {
        int span = (s.kernelH() - 1) * s.dilationH() + 1;
        return new Side(s.h(), s.strideH(), span, s.padH(), s.outH());
    }

    private static Side columns(Conv2dSpec s) {
        int span = (s.kernelW() - 1) * s.dilationW() + 1;
        return new Side(s.w(), s.strideW(), span, s.padW(), s.outW());
    }

    /** An input channel of a group and a tap each: what an output is the sum of. */
    static int terms(Conv2dSpec s) {
        return s.inChannels() / s.groups() * s.kernelH() * s.kernelW();
    }

    /** Where each term lies in the planes, and the last one again up to {@code length}. */
    static int[] distances(Conv2dSpec s, Planes planes, int length) {
        int terms = terms(s);
        int[] distances = new int[length];
        int q = 0;
        for (int channel = 0; q < terms; channel++) {
            for (int ky = 0; ky < s.kernelH(); ky++) {
                for (int kx = 0; kx < s.kernelW(); kx++) {
                    distances[q++] =
                            channel * planes.channelStride()
                                    + planes.tap(ky * s.dilationH(), kx * s.dilationW());
                }
            }
        }
        Arrays.fill(distances, terms, length, distances[terms - 1]);
        return distances;
    }
}
