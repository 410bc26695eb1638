package io.github.cortado.backend.cpu.vector.norm;

import io.github.cortado.backend.NormSpec;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.vector.norm.GroupLoops.Group;
import java.util.Arrays;

/**
 * Batch normalisation's loops over x [n, channels, inner] where channels are narrow: several that
 * follow each other are one run of neighbours, groups of them in parallel. Sums are of {@value
 * #ROWS} pictures at most, and those are added in double.
 */
final class Groups {
    /** Elements of a run that is worth a loop. */
    private static final int WIDE = 128;

    /** Pictures whose sums are kept in float. */
    private static final int ROWS = 64;

    private final NormSpec s;
    private final int together;
    private final int groups;

    /** Whether channels are so narrow that it pays. */
    static boolean areNarrow(NormSpec s) {
        return s.inner() < WIDE && s.inner() > 0;
    }

    Groups(NormSpec s) {
        this.s = s;
        together = Math.max(1, Math.min(s.channels(), IntMath.ceilDiv(WIDE, s.inner())));
        groups = IntMath.ceilDiv(s.channels(), together);
    }

    /** What is done with {@code length} neighbours of each picture, those of channels from c on. */
    @FunctionalInterface
    private interface Body {
        void run(int c, int length);
    }

    private void forGroups(Body body) {
        Parallel.forItems(
                groups,
                s.n() * together * s.inner(),
                Parallel.RANGE,
                g -> {
                    int c = g * together;
                    body.run(c, Math.min(together, s.channels() - c) * s.inner());
                });
    }

    /** Where picture i's channel c begins. */
    private int at(int i, int c) {
        return (i * s.channels() + c) * s.inner();
    }

    /** The mean of each channel, and the sum of squared distances from it. */
    void statistics(Floats x, double[] mean, double[] squares) {
        int count = s.n() * s.inner();
        forGroups(
                (c, length) -> {
                    Sums sums = new Sums(length);
                    for (int i = 0; i < s.n(); i++) {
                        GroupLoops.add(x.array(), x.offset() + at(i, c), sums.first, length);
                        sums.next(i);
                    }
                    int channels = length / s.inner();
                    float[] near = new float[length];
                    for (int k = 0; k < channels; k++) {
                        spread(near, k, (float) (sums.ofFirst(k) / count));
                    }
                    Sums about = new Sums(length);
                    for (int i = 0; i < s.n(); i++) {
                        int from = x.offset() + at(i, c);
                        GroupLoops.distances(
                                x.array(), from, near, about.first, about.second, length);
                        about.next(i);
                    }
                    for (int k = 0; k < channels; k++) {
                        double d = about.ofFirst(k) / count;
                        mean[c + k] = near[k * s.inner()] + d;
                        squares[c + k] = about.ofSecond(k) - count * d * d;
                        if (!Double.isFinite(squares[c + k])) {
                            Channels.inDouble(x, mean, squares, c + k, s);
                        }
                    }
                });
    }

    private void spread(float[] values, int channel, float value) {
        Arrays.fill(values, channel * s.inner(), (channel + 1) * s.inner(), value);
    }

    /** y = (x - mean) scale + shift, by channel. */
    void normalise(Floats x, Floats y, float[] mean, float[] scale, float[] shift) {
        forGroups(
                (c, length) -> {
                    Group g =
                            new Group(
                                    spread(mean, c, length),
                                    spread(scale, c, length),
                                    spread(shift, c, length));
                    for (int i = 0; i < s.n(); i++) {
                        int at = at(i, c);
                        GroupLoops.affine(
                                x.array(), x.offset() + at, y.array(), y.offset() + at, g, length);
                    }
                });
    }

    private float[] spread(float[] values, int c, int length) {
        float[] all = new float[length];
        for (int k = 0; k < length / s.inner(); k++) {
            spread(all, k, values[c + k]);
        }
        return all;
    }

    /** dx = a dy + b (x - mean) + c, by channel. */
    void gradient(Floats x, Floats dy, Floats dx, float[] mean, Channels.Factors factors) {
        forGroups(
                (c, length) -> {
                    float[] means = spread(mean, c, length);
                    Sums sums = new Sums(length);
                    for (int i = 0; i < s.n(); i++) {
                        int p = x.offset() + at(i, c);
                        int q = dy.offset() + at(i, c);
                        GroupLoops.products(
                                x.array(),
                                p,
                                dy.array(),
                                q,
                                means,
                                sums.first,
                                sums.second,
                                length);
                        sums.next(i);
                    }
                    float[] scale = new float[length];
                    Group g = new Group(means, new float[length], new float[length]);
                    float[] f = new float[4];
                    for (int k = 0; k < length / s.inner(); k++) {
                        factors.of(c + k, sums.ofFirst(k), sums.ofSecond(k), f);
                        spread(scale, k, f[0]);
                        spread(g.scale(), k, f[1]);
                        spread(g.shift(), k, f[2]);
                    }
                    for (int i = 0; i < s.n(); i++) {
                        int at = at(i, c);
                        int to = dx.offset() + at;
                        GroupLoops.affine(x.array(), x.offset() + at, dx.array(), to, g, length);
                        GroupLoops.addTimes(
                                dy.array(), dy.offset() + at, scale, dx.array(), to, length);
                    }
                });
    }

    /** Two sums for each neighbour of a run, in float for some pictures and in double for all. */
    private final class Sums {
        final float[] first;
        final float[] second;
        private final double[] firsts;
        private final double[] seconds;

        Sums(int length) {
            first = new float[length];
            second = new float[length];
            firsts = new double[length];
            seconds = new double[length];
        }

        /** Picture i has been added. */
        void next(int i) {
            if (i % ROWS == ROWS - 1 || i == s.n() - 1) {
                move(first, firsts);
                move(second, seconds);
            }
        }

        private static void move(float[] from, double[] to) {
            for (int j = 0; j < from.length; j++) {
                to[j] += from[j];
            }
            Arrays.fill(from, 0f);
        }

        double ofFirst(int channel) {
            return sum(firsts, channel);
        }

        double ofSecond(int channel) {
            return sum(seconds, channel);
        }

        private double sum(double[] sums, int channel) {
            double sum = 0;
            for (int j = channel * s.inner(); j < (channel + 1) * s.inner(); j++) {
                sum += sums[j];
            }
            return sum;
        }
    }
}
