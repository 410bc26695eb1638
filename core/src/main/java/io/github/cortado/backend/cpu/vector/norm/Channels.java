package io.github.cortado.backend.cpu.vector.norm;

import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.NormSpec;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.Scratch;
import java.util.Arrays;

/**
 * Batch normalisation of some neighbouring channels of x [n, channels, inner], in all pictures; a
 * thread has some, and goes through memory in its order. Sums are of vectors, of {@value #TERMS}
 * terms a lane at most, and those are added in double.
 */
final class Channels {
    /** Terms of a lane whose sum is kept in float. */
    private static final int TERMS = 256;

    /** Elements per chunk of parallel work, at least. */
    private static final int CHUNK = 1 << 14;

    /**
     * Chunks at most: short stretches of memory far apart come at half the speed of long ones, from
     * which a processor guesses what comes next.
     */
    private static final int CHUNKS = 8;

    /** With fewer neighbours vectors run across channels. */
    private static final int MIN_RUN = 4 * VL;

    /** Elements of a channel of which a pivot is the mean. */
    private static final int SAMPLES = 8;

    private final NormSpec s;
    private final int first;
    private final int channels;
    private final Loops loops;

    private Channels(NormSpec s, int first, int channels) {
        this.s = s;
        this.first = first;
        this.channels = channels;
        loops =
                s.inner() < MIN_RUN
                        ? new Columns(channels, s.inner(), Limit.of(s))
                        : new Runs(channels, s.inner(), Limit.of(s));
    }

    /** What is done with some channels. */
    @FunctionalInterface
    private interface Body {
        void run(Channels some);
    }

    private static void forAll(NormSpec s, Body body) {
        int few = CHUNK / Math.max(1, s.n() * s.inner());
        int together = Math.max(Math.max(1, few), IntMath.ceilDiv(s.channels(), CHUNKS));
        Parallel.forChunks(
                IntMath.ceilDiv(s.channels(), together),
                chunk -> {
                    int first = chunk * together;
                    int count = Math.min(together, s.channels() - first);
                    body.run(new Channels(s, first, count));
                });
    }

    /** The mean of each channel, and the sum of squared distances from it. */
    static void statistics(Floats x, double[] mean, double[] squares, NormSpec s) {
        forAll(s, some -> some.moments(x, mean, squares));
    }

    /**
     * In one pass, about a pivot that is near the mean: sum (x - mean)^2 = sum (x - pivot)^2 -
     * count (mean - pivot)^2, where that is no small difference.
     */
    private void moments(Floats x, double[] mean, double[] squares) {
        float[] pivots = factors(1);
        for (int k = 0; k < channels; k++) {
            put(pivots, 0, k, pivot(x, k));
        }
        double[] sums =
                addUp(
                        (at, length, to) ->
                                loops.moments(x.array(), x.offset() + at, length, pivots, to));
        int count = s.n() * s.inner();
        for (int k = 0; k < channels; k++) {
            int c = first + k;
            double d = sums[k] / count;
            double about = sums[channels + k];
            mean[c] = pivots[k * loops.copies()] + d;
            squares[c] = about - count * d * d;
            if (!(squares[c] >= about / 4) || !Double.isFinite(squares[c])) {
                inDouble(x, mean, squares, c, s);
            }
        }
    }

    /**
     * The mean of a few elements of a channel: of the first picture, or where it has few, of all.
     */
    private float pivot(Floats x, int k) {
        double sum = 0;
        for (int i = 0; i < SAMPLES; i++) {
            int n = s.inner() < SAMPLES ? (int) ((long) s.n() * i / SAMPLES) : 0;
            int place = (int) ((long) s.inner() * i / SAMPLES);
            sum += x.array()[x.offset() + at(n) + k * s.inner() + place];
        }
        return (float) (sum / SAMPLES);
    }

    /** Where these channels begin in a picture. */
    private int at(int n) {
        return (n * s.channels() + first) * s.inner();
    }

    /** Memory for factors of each channel, as the loops read them. */
    private float[] factors(int count) {
        return Scratch.VALUES.floats(count * channels * loops.copies());
    }

    private void put(float[] factors, int factor, int k, float value) {
        int begin = (factor * channels + k) * loops.copies();
        Arrays.fill(factors, begin, begin + loops.copies(), value);
    }

    /** Adds to the lanes of two sums of each channel. */
    @FunctionalInterface
    private interface Part {
        /** Adds {@code length} elements of each channel; those of the first begin at {@code at}. */
        void addTo(int at, int length, float[] lanes);
    }

    /** One sum of each channel, then the other one of each. */
    private double[] addUp(Part part) {
        int lanes = loops.lanes();
        float[] to = Scratch.LANE_SUMS.floats(2 * channels * lanes);
        Arrays.fill(to, 0, 2 * channels * lanes, 0f);
        double[] sums = new double[2 * channels];
        int terms = 0;
        for (int n = 0; n < s.n(); n++) {
            for (int from = 0; from < s.inner(); from += TERMS * lanes) {
                int length = Math.min(TERMS * lanes, s.inner() - from);
                int more = IntMath.ceilDiv(length, lanes);
                if (terms + more > TERMS) {
                    addLanes(to, sums);
                    terms = 0;
                }
                part.addTo(at(n) + from, length, to);
                terms += more;
            }
        }
        addLanes(to, sums);
        return sums;
    }

    /** Adds to each sum its lanes, every fourth by itself, and clears them. */
    private void addLanes(float[] from, double[] sums) {
        int lanes = loops.lanes();
        for (int i = 0; i < sums.length; i++) {
            int at = i * lanes;
            double a = 0;
            double b = 0;
            double c = 0;
            double d = 0;
            int l = 0;
            for (; l <= lanes - 4; l += 4) {
                a += from[at + l];
                b += from[at + l + 1];
                c += from[at + l + 2];
                d += from[at + l + 3];
            }
            for (; l < lanes; l++) {
                a += from[at + l];
            }
            sums[i] += a + b + (c + d);
        }
        Arrays.fill(from, 0, sums.length * lanes, 0f);
    }

    /** Element by element, where sums of floats overflow, or differ by little. */
    private static void inDouble(Floats x, double[] mean, double[] squares, int c, NormSpec s) {
        float[] in = x.array();
        double sum = 0;
        for (int n = 0; n < s.n(); n++) {
            int plane = x.offset() + (n * s.channels() + c) * s.inner();
            for (int i = 0; i < s.inner(); i++) {
                sum += in[plane + i];
            }
        }
        double m = sum / (s.n() * s.inner());
        double about = 0;
        for (int n = 0; n < s.n(); n++) {
            int plane = x.offset() + (n * s.channels() + c) * s.inner();
            for (int i = 0; i < s.inner(); i++) {
                about += (in[plane + i] - m) * (in[plane + i] - m);
            }
        }
        mean[c] = m;
        squares[c] = about;
    }

    /** y = (x - mean) scale + shift cut off at the limit, by channel. */
    static void normalise(Floats x, Floats y, Lines lines, NormSpec s) {
        forAll(s, some -> some.affine(x, y, lines));
    }

    private void affine(Floats x, Floats y, Lines lines) {
        float[] factors = factors(3);
        put(factors, lines);
        for (int n = 0; n < s.n(); n++) {
            loops.affine(x.array(), x.offset() + at(n), y.array(), y.offset() + at(n), factors);
            y.ready(at(n), channels * s.inner());
        }
    }

    private void put(float[] factors, Lines lines) {
        for (int k = 0; k < channels; k++) {
            put(factors, 0, k, lines.mean()[first + k]);
            put(factors, 1, k, lines.scale()[first + k]);
            put(factors, 2, k, lines.shift()[first + k]);
        }
    }

    /** What a channel's gradient of x is made of, from the sums of dy and dy (x - mean). */
    @FunctionalInterface
    interface Factors {
        /** Puts slope and constant into the array. */
        void of(int channel, double sum, double dot, float[] factors);
    }

    /** dx = scale dy + slope (x - mean) + constant, by channel, dy being 0 beyond the limit. */
    static void gradient(Floats x, Floats dy, Floats dx, Lines lines, Factors factors, NormSpec s) {
        forAll(s, some -> some.toInput(x, dy, dx, lines, factors));
    }

    private void toInput(Floats x, Floats dy, Floats dx, Lines lines, Factors of) {
        float[] factors = factors(5);
        put(factors, lines);
        double[] sums =
                addUp(
                        (at, length, to) -> {
                            int xo = x.offset() + at;
                            int go = dy.offset() + at;
                            loops.sums(x.array(), xo, dy.array(), go, length, factors, to);
                        });
        float[] rest = new float[2];
        for (int k = 0; k < channels; k++) {
            of.of(first + k, sums[k], sums[channels + k], rest);
            put(factors, 3, k, rest[0]);
            put(factors, 4, k, rest[1]);
        }
        for (int n = 0; n < s.n(); n++) {
            int at = at(n);
            loops.combine(
                    x.array(),
                    x.offset() + at,
                    dy.array(),
                    dy.offset() + at,
                    dx.array(),
                    dx.offset() + at,
                    factors);
        }
    }
}
