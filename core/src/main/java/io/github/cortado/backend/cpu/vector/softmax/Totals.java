package io.github.cortado.backend.cpu.vector.softmax;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.cpu.vector.pointwise.ElementaryFunctions;
import io.github.cortado.backend.cpu.vector.softmax.Step.Work;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Steps over what is known of lines, a number of each. */
final class Totals {
    private Totals() {}

    /** Of a sum that is infinite or NaN nothing is lost that could be added to it. */
    static void settle(Work w) {
        float[] lost = w.lost;
        for (int j = 0; j < w.lines; j += VL) {
            FloatVector v = FloatVector.fromArray(SPECIES, lost, j);
            VectorMask<Float> isNumber = v.compare(VectorOperators.EQ, v);
            FloatVector.zero(SPECIES).blend(v, isNumber).intoArray(lost, j);
        }
    }

    /** factors = 1 / sums. */
    static void invert(Work w) {
        FloatVector one = FloatVector.broadcast(SPECIES, 1f);
        for (int j = 0; j < w.lines; j += VL) {
            FloatVector s = FloatVector.fromArray(SPECIES, w.sums, j);
            FloatVector low = FloatVector.fromArray(SPECIES, w.lost, j);
            one.div(s.add(low)).intoArray(w.factors, j);
        }
    }

    /** factors = the logarithms of the sums, but for what these lost. */
    static void log(Work w) {
        ElementaryFunctions.log(w.sums, 0, w.factors, 0, w.lines);
    }

    /** What the logarithms lack: ln(s + t) = ln s + t / s for tiny t. */
    static void addLost(Work w) {
        for (int j = 0; j < w.lines; j += VL) {
            FloatVector s = FloatVector.fromArray(SPECIES, w.sums, j);
            FloatVector low = FloatVector.fromArray(SPECIES, w.lost, j).div(s);
            FloatVector log = FloatVector.fromArray(SPECIES, w.factors, j);
            log.add(low).intoArray(w.factors, j);
        }
    }
}
