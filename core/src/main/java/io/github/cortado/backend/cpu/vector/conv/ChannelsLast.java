package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.cpu.vector.layout.Packing;
import java.util.Arrays;

/**
 * Pictures as [row, column, channel] with a border of zeros, so that a row of taps in all channels
 * is one run of numbers: how {@link SparseGradient} has them.
 */
record ChannelsLast(Conv2dSpec conv) {
    /** Numbers of a row with its border. */
    int rowStride() {
        return (conv.w() + 2 * conv.padW()) * conv.inChannels();
    }

    /** Floats of a picture, and what a vector may read beyond. */
    int length() {
        return (conv.h() + 2 * conv.padH()) * rowStride() + VL;
    }

    /** Writes a picture as [row, column, channel] with its border. */
    void turn(float[] x, int from, float[] to) {
        int channels = conv.inChannels();
        int inner = conv.padW() * channels;
        Arrays.fill(to, 0, conv.padH() * rowStride(), 0f);
        for (int row = 0; row < conv.h(); row++) {
            int at = (row + conv.padH()) * rowStride();
            Arrays.fill(to, at, at + inner, 0f);
            Packing.columns(
                    x,
                    from + row * conv.w(),
                    conv.h() * conv.w(),
                    conv.w(),
                    channels,
                    to,
                    at + inner,
                    channels);
            Arrays.fill(to, at + inner + conv.w() * channels, at + rowStride(), 0f);
        }
        Arrays.fill(to, (conv.h() + conv.padH()) * rowStride(), length(), 0f);
    }

    /** Writes the inside of [row, column, channel] as a picture. */
    void turnBack(float[] from, float[] dx, int to) {
        int channels = conv.inChannels();
        int plane = conv.h() * conv.w();
        for (int row = 0; row < conv.h(); row++) {
            int at = (row + conv.padH()) * rowStride() + conv.padW() * channels;
            int target = to + row * conv.w();
            int c = 0;
            for (; c <= channels - 8; c += 8) {
                eightBack(from, at + c, channels, conv.w(), dx, target + c * plane, plane);
            }
            for (; c < channels; c++) {
                for (int j = 0; j < conv.w(); j++) {
                    dx[target + c * plane + j] = from[at + j * channels + c];
                }
            }
        }
    }

    private static void eightBack(
            float[] from, int at, int channels, int columns, float[] dx, int to, int plane) {
        for (int j = 0; j < columns; j++) {
            int source = at + j * channels;
            int target = to + j;
            dx[target] = from[source];
            dx[target + plane] = from[source + 1];
            dx[target + 2 * plane] = from[source + 2];
            dx[target + 3 * plane] = from[source + 3];
            dx[target + 4 * plane] = from[source + 4];
            dx[target + 5 * plane] = from[source + 5];
            dx[target + 6 * plane] = from[source + 6];
            dx[target + 7 * plane] = from[source + 7];
        }
    }
}
