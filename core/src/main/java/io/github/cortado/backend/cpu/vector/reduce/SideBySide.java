package io.github.cortado.backend.cpu.vector.reduce;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.layout.Strips.Panel;
import io.github.cortado.backend.cpu.vector.layout.Strips.Strip;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Maxima with a lane for each line. Places are integers, whose bits travel as floats: a blend does
 * not look at them, and needs no second kind of mask.
 */
final class SideBySide {
    private SideBySide() {}

    static void find(Floats x, int n, Strip strip, Maxima.Found found) {
        int width = strip.width();
        Panel from = strip.of(x, Scratch.LINES);
        float[] max = Scratch.MAXIMA.floats(width);
        float[] places = Scratch.FACTORS.floats(width);
        System.arraycopy(from.array(), from.offset(), max, 0, width);
        Arrays.fill(places, 0, width, 0f);
        int i = 1;
        for (; i < n - 1; i += 2) {
            twoRows(from, i, max, places, width);
        }
        if (i < n) {
            row(from, i, max, places, width);
        }
        for (int l = 0; l < strip.lines(); l++) {
            found.of(strip.line(l), max[l], Float.floatToRawIntBits(places[l]));
        }
    }

    private static void row(Panel x, int i, float[] max, float[] places, int n) {
        float[] in = x.array();
        int p = x.row(i);
        FloatVector place = FloatVector.broadcast(SPECIES, Float.intBitsToFloat(i));
        for (int j = 0; j < n; j += VL) {
            FloatVector v = FloatVector.fromArray(SPECIES, in, p + j);
            FloatVector m = FloatVector.fromArray(SPECIES, max, j);
            VectorMask<Float> isBetter =
                    v.compare(VectorOperators.LE, m).not().and(m.compare(VectorOperators.EQ, m));
            m.blend(v, isBetter).intoArray(max, j);
            FloatVector.fromArray(SPECIES, places, j).blend(place, isBetter).intoArray(places, j);
        }
    }

    /** Two, so that maxima are fetched and put down half as often. */
    private static void twoRows(Panel x, int i, float[] max, float[] places, int n) {
        float[] in = x.array();
        int p = x.row(i);
        int q = x.row(i + 1);
        FloatVector first = FloatVector.broadcast(SPECIES, Float.intBitsToFloat(i));
        FloatVector second = FloatVector.broadcast(SPECIES, Float.intBitsToFloat(i + 1));
        for (int j = 0; j < n; j += VL) {
            FloatVector v = FloatVector.fromArray(SPECIES, in, p + j);
            FloatVector m = FloatVector.fromArray(SPECIES, max, j);
            VectorMask<Float> isBetter =
                    v.compare(VectorOperators.LE, m).not().and(m.compare(VectorOperators.EQ, m));
            FloatVector place = FloatVector.fromArray(SPECIES, places, j).blend(first, isBetter);
            m = m.blend(v, isBetter);
            v = FloatVector.fromArray(SPECIES, in, q + j);
            isBetter = v.compare(VectorOperators.LE, m).not().and(m.compare(VectorOperators.EQ, m));
            m.blend(v, isBetter).intoArray(max, j);
            place.blend(second, isBetter).intoArray(places, j);
        }
    }
}
