package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;
import static io.github.cortado.backend.cpu.vector.Orders.EVEN;
import static io.github.cortado.backend.cpu.vector.Orders.LOWER;
import static io.github.cortado.backend.cpu.vector.Orders.ODD;

import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.cpu.IntMath;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/**
 * A depthwise convolution on planes as they lie in memory, row after row without borders: each tap
 * is a constant distance, and what it reaches beyond its plane, or beyond the end of a row, is
 * masked. So nothing is laid out, and a small plane fills whole vectors: one of 4 x 4 is one of 512
 * bits.
 *
 * <p>All three directions go over the places of the input's planes ({@link DepthwiseKernel}).
 * Outputs that are not at every place are picked from among them, or their gradients written there
 * with zeros between.
 *
 * @param distance where each tap finds its element, seen from a place; taps in whole rounds of
 *     {@value #TAPS}
 * @param firstPlace of each vector of places that has outputs
 * @param masks for each round, and each of these vectors that is like no other, one mask a tap
 * @param maskAt where the masks of each of these vectors begin, round by round
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Depthwise(Conv2dSpec spec, int[] distance, int[] firstPlace, float[] masks, int[] maskAt) {
    /** Taps of a round. */
    static final int TAPS = 9;

    private static final float ALL_BITS = Float.intBitsToFloat(-1);
    private static final int MAX_STRIDE = 2;

    static @Nullable String obstacle(Conv2dSpec s) {
        if (s.inChannels() != s.groups()) {
            return "groups have several input channels";
        }
        if (s.strideH() > MAX_STRIDE || s.strideW() > MAX_STRIDE) {
            return "outputs are far apart";
        }
        return (s.outH() - 1) * s.strideH() >= s.h() || (s.outW() - 1) * s.strideW() >= s.w()
                ? "outputs lie beyond the picture"
                : null;
    }

    /** What reads the input: forward and the gradient of the weights. */
    static Depthwise ofInput(Conv2dSpec s) {
        return of(s, 1);
    }

    /** What reads the gradients of outputs: these lie the other way from a place. */
    static Depthwise ofOutputs(Conv2dSpec s) {
        return of(s, -1);
    }

    private static Depthwise of(Conv2dSpec s, int sign) {
        int taps = s.kernelH() * s.kernelW();
        int rounds = IntMath.ceilDiv(taps, TAPS);
        int[] down = new int[rounds * TAPS];
        int[] right = new int[rounds * TAPS];
        int[] distance = new int[rounds * TAPS];
        // Beyond the last tap nothing is ever reached.
        Arrays.fill(down, s.h());
        for (int q = 0; q < taps; q++) {
            down[q] = sign * (q / s.kernelW() * s.dilationH() - s.padH());
            right[q] = sign * (q % s.kernelW() * s.dilationW() - s.padW());
            distance[q] = down[q] * s.w() + right[q];
        }
        int[] firstPlace = firstPlaces(s, sign < 0);
        int vectors = firstPlace.length;
        int[] maskAt = new int[rounds * vectors];
        Map<BitSet, Integer> known = new HashMap<>();
        for (int i = 0; i < maskAt.length; i++) {
            int first = i / vectors * TAPS;
            BitSet mask = new BitSet(TAPS * VL);
            for (int bit = 0; bit < TAPS * VL; bit++) {
                int p = firstPlace[i % vectors] + bit % VL;
                int row = p / s.w() + down[first + bit / VL];
                int column = p % s.w() + right[first + bit / VL];
                boolean isThere = p < s.h() * s.w();
                boolean reaches = row >= 0 && row < s.h() && column >= 0 && column < s.w();
                mask.set(bit, isThere && reaches);
            }
            known.putIfAbsent(mask, known.size() * TAPS * VL);
            maskAt[i] = known.get(mask);
        }
        float[] masks = new float[known.size() * TAPS * VL];
        known.forEach((mask, at) -> mask.stream().forEach(bit -> masks[at + bit] = ALL_BITS));
        return new Depthwise(s, distance, firstPlace, masks, maskAt);
    }

    /** The first of each vector of places, or of those alone that have outputs. */
    private static int[] firstPlaces(Conv2dSpec s, boolean all) {
        int[] found = new int[IntMath.ceilDiv(s.h() * s.w(), VL)];
        int count = 0;
        for (int p = 0; p < s.h() * s.w(); p += VL) {
            int last = Math.min(p + VL, s.h() * s.w()) - 1;
            int row = IntMath.roundUp(p / s.w(), s.strideH());
            if (all || row <= last / s.w()) {
                found[count++] = p;
            }
        }
        return Arrays.copyOf(found, count);
    }

    /** Rounds of taps. */
    int rounds() {
        return distance.length / TAPS;
    }

    /** Places of a plane. */
    int places() {
        return spec.h() * spec.w();
    }

    /** Floats of the vectors of all places. */
    int wholeVectors() {
        return IntMath.roundUp(places(), VL);
    }

    /** Whether there is an output at every place. */
    boolean isDense() {
        return spec.outH() == spec.h() && spec.outW() == spec.w();
    }

    /** Elements before a plane that a tap reaches. */
    int before() {
        int most = 0;
        for (int d : distance) {
            most = Math.max(most, -d);
        }
        return most;
    }

    /** Elements behind a plane that a tap reaches, for the last vector too. */
    int behind() {
        int most = 0;
        for (int d : distance) {
            most = Math.max(most, d);
        }
        return most + wholeVectors() - places();
    }

    /**
     * Writes the gradients of some planes' outputs to their places, zeros between and behind; in up
     * to two whole vectors beyond.
     */
    void spread(int planes, float[] dy, int from, float[] to, int at) {
        int outputs = spec.outH() * spec.outW();
        int rowStep = spec.strideH() * spec.w();
        for (int k = 0; k < planes; k++) {
            int source = from + k * outputs;
            int target = at + k * wholeVectors();
            int end = target + wholeVectors();
            // A vector may run over the end of a plane, but not of the array.
            if (spec.strideW() == 2 && source + outputs + VL <= dy.length) {
                spread(spec.outH(), spec.outW(), dy, source, to, target, rowStep, end);
                continue;
            }
            Arrays.fill(to, target, end, 0f);
            for (int i = 0; i < spec.outH(); i++) {
                for (int j = 0; j < spec.outW(); j++) {
                    int place = target + i * rowStep + j * spec.strideW();
                    to[place] = dy[source + i * spec.outW() + j];
                }
            }
        }
    }

    private static void spread(
            int rows, int columns, float[] dy, int from, float[] to, int at, int rowStep, int end) {
        FloatVector zero = FloatVector.zero(SPECIES);
        for (int i = 0; i < rows; i++) {
            int source = from + i * columns;
            int row = at + i * rowStep;
            for (int j = 0; j < columns; j += VL / 2) {
                FloatVector.fromArray(SPECIES, dy, source + j)
                        .rearrange(LOWER)
                        .blend(zero, ODD)
                        .intoArray(to, row + 2 * j);
            }
            int next = i + 1 < rows ? row + rowStep : end;
            for (int p = row + 2 * columns; p < next; p += VL) {
                zero.intoArray(to, p);
            }
        }
    }

    /** Picks the outputs of some planes from among their places. */
    void pick(int planes, float[] places, int from, float[] y, int at) {
        int outputs = spec.outH() * spec.outW();
        int rowStep = spec.strideH() * spec.w();
        int end = at + planes * outputs;
        for (int k = 0; k < planes; k++) {
            int source = from + k * wholeVectors();
            int target = at + k * outputs;
            // A vector may run over the end of a plane, but not of them all.
            if (spec.strideW() == 2 && target + outputs + VL <= end) {
                pick(spec.outH(), spec.outW(), places, source, rowStep, y, target);
                continue;
            }
            for (int i = 0; i < spec.outH(); i++) {
                for (int j = 0; j < spec.outW(); j++) {
                    int place = source + i * rowStep + j * spec.strideW();
                    y[target + i * spec.outW() + j] = places[place];
                }
            }
        }
    }

    private static void pick(
            int rows, int columns, float[] places, int from, int rowStep, float[] y, int at) {
        for (int i = 0; i < rows; i++) {
            int row = from + i * rowStep;
            int target = at + i * columns;
            for (int j = 0; j < columns; j += VL / 2) {
                FloatVector.fromArray(SPECIES, places, row + 2 * j)
                        .rearrange(EVEN)
                        .intoArray(y, target + j);
            }
        }
    }
}
