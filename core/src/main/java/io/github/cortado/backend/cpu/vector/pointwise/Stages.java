package io.github.cortado.backend.cpu.vector.pointwise;

import io.github.cortado.backend.formula.Primitive;
import io.github.cortado.backend.formula.Program;
import io.github.cortado.backend.formula.Program.Step;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * A program's steps in groups: a function each, and as much arithmetic as one loop can do, whose
 * loop is generated.
 *
 * @param isOneLoop whether one loop does it all, and writes each output to a place of its own
 */
record Stages(List<Stage> list, boolean isOneLoop) {
    /** Steps of a loop: JDK 17's C2 takes longer and longer for larger ones. */
    private static final int MOST = 32;

    private static final Set<Primitive> ARITHMETIC =
            EnumSet.of(
                    Primitive.NEG,
                    Primitive.ABS,
                    Primitive.SQRT,
                    Primitive.ADD,
                    Primitive.SUB,
                    Primitive.MUL,
                    Primitive.DIV,
                    Primitive.MIN,
                    Primitive.MAX,
                    Primitive.GREATER,
                    Primitive.FMA,
                    Primitive.SELECT);

    /**
     * Some steps.
     *
     * @param kept places whose values are needed afterwards
     */
    record Stage(List<Step> steps, List<Integer> kept) {
        boolean isArithmetic() {
            return ARITHMETIC.contains(steps.get(0).primitive());
        }
    }

    static Stages of(Program program) {
        List<Stage> stages = new ArrayList<>();
        List<Step> steps = program.steps();
        int from = 0;
        while (from < steps.size()) {
            int to = from + 1;
            boolean isArithmetic = ARITHMETIC.contains(steps.get(from).primitive());
            while (isArithmetic
                    && to < steps.size()
                    && to - from < MOST
                    && ARITHMETIC.contains(steps.get(to).primitive())) {
                to++;
            }
            stages.add(new Stage(List.copyOf(steps.subList(from, to)), kept(program, from, to)));
            from = to;
        }
        return new Stages(List.copyOf(stages), isOneLoop(stages, program.outputs()));
    }

    /**
     * Places that steps {@code from .. to - 1} write, and that a later one reads or an output is.
     */
    private static List<Integer> kept(Program program, int from, int to) {
        List<Integer> kept = new ArrayList<>();
        for (Step s : program.steps().subList(from, to)) {
            if (!kept.contains(s.to()) && isReadAfter(program, s.to(), to)) {
                kept.add(s.to());
            }
        }
        return List.copyOf(kept);
    }

    private static boolean isReadAfter(Program program, int place, int from) {
        for (Step s : program.steps().subList(from, program.steps().size())) {
            int[] operands = {s.a(), s.b(), s.c()};
            for (int k = 0; k < s.primitive().arity(); k++) {
                if (operands[k] == place) {
                    return true;
                }
            }
            if (s.to() == place) {
                return false;
            }
        }
        for (int output : program.outputs()) {
            if (output == place) {
                return true;
            }
        }
        return false;
    }

    private static boolean isOneLoop(List<Stage> list, int[] outputs) {
        return list.size() == 1
                && list.get(0).isArithmetic()
                && Arrays.stream(outputs).distinct().count() == outputs.length
                && Arrays.stream(outputs).allMatch(list.get(0).kept()::contains);
    }
}
