package io.github.cortado.ops;

import io.github.cortado.DType;
import io.github.cortado.Tensor;
import io.github.cortado.backend.CrossEntropySpec.Reduction;

/**
 * Connectionist temporal classification (Graves et al., 2006, "Connectionist Temporal
 * Classification: Labelling Unsegmented Sequence Data with Recurrent Neural Networks"), made of
 * formulas step by step: of the labels and lengths Java knows no value, so a GPU may record it.
 */
public final class Ctc {
    private static final String OP = "ctcLoss";

    private Ctc() {}

    /**
     * -ln of the probability that the labels are what is left of the frames once repetitions and
     * blanks are dropped.
     *
     * <p>With the labels l_1 ... l_S and blanks around each as states 0 ... 2S, a_t(s) = ln
     * p_t(label of s) + ln(e^a(s) + e^a(s - 1) + e^a(s - 2)) with a = a_(t - 1), the last of these
     * only where s is a label other than the one before, and a_0 is 0 at state 0 and nowhere else
     * possible; the result is -ln(e^a_T(2S) + e^a_T(2S - 1)).
     *
     * @param logs logarithms of probabilities [frames, n, classes]
     * @param labels int64 [n, labels], of which those after a line's length do not count
     * @param frames int64 [n], how many frames count
     * @param lengths int64 [n], how many labels count
     * @param blank the class of no label
     * @param zeroInfinity whether what cannot be is worth 0, not infinity; it has no gradient
     * @throws IllegalArgumentException if a length is negative or beyond what there is, or a label
     *     that counts is no class; on a GPU when a value is read
     */
    public static Tensor apply(
            Tensor logs,
            Tensor labels,
            Tensor frames,
            Tensor lengths,
            int blank,
            Reduction reduction,
            boolean zeroInfinity) {
        check(logs, labels, frames, lengths, blank);
        Tensor numbers = known(logs, labels, lengths);
        checkValues(logs, labels, numbers, frames, lengths);
        Tensor length = lengths.to(logs.dtype());
        Tensor scores = scores(logs, withBlanks(numbers, number(logs, blank)));
        int n = scores.dim(1);
        int states = scores.dim(2);
        Tensor state = ClassLosses.ramp(logs, states);
        Tensor follows = Arrange.where(state, number(logs, 1), number(logs, 0));
        Tensor never = number(logs, CtcStates.NEVER);
        Tensor a =
                new CtcStates(
                                follows.expand(n, states),
                                skips(logs, numbers),
                                frames.to(logs.dtype()).unsqueeze(1).expand(n, states))
                        .after(scores);
        Tensor last = ClassLosses.is(state.unsqueeze(0), length.mul(2).unsqueeze(1));
        Tensor label = ClassLosses.is(state.unsqueeze(0), length.mul(2).sub(1).unsqueeze(1));
        Tensor ends = Arrange.where(last, a, Arrange.where(label, a, never));
        Tensor losses = ends.logSumExp(1, false).neg();
        double none = zeroInfinity ? 0 : Double.POSITIVE_INFINITY;
        losses = Arrange.where(losses.sub(-CtcStates.NEVER / 2), number(logs, none), losses);
        return switch (reduction) {
            case NONE -> losses;
            case SUM -> losses.sum();
            case MEAN -> losses.div(length.clamp(1, Double.POSITIVE_INFINITY)).mean();
        };
    }

    private static void check(
            Tensor logs, Tensor labels, Tensor frames, Tensor lengths, int blank) {
        Checks.floating(OP, logs);
        Checks.rank(OP, "logarithms of probabilities [frames, n, classes]", logs, 3);
        Checks.rank(OP, "labels [n, most]", labels, 2);
        for (Tensor x : new Tensor[] {labels, frames, lengths}) {
            Checks.integers(OP, "labels and lengths", x);
            Checks.sameDevice(OP, logs, x);
        }
        int n = logs.dim(1);
        Checks.require(
                labels.dim(0) == n
                        && frames.shape().rank() == 1
                        && frames.size() == n
                        && lengths.shape().equals(frames.shape()),
                "ctcLoss: logarithms %s expect labels [%s, most] and lengths [%s], got %s, %s and"
                        + " %s",
                logs.shape(),
                n,
                n,
                labels.shape(),
                frames.shape(),
                lengths.shape());
        Checks.require(logs.dim(0) > 0, "ctcLoss: there are no frames in %s", logs.shape());
        if (blank < 0 || blank >= logs.dim(2)) {
            throw new IllegalArgumentException(
                    "ctcLoss: blank " + blank + " is none of the classes of " + logs.shape());
        }
    }

    /** The labels that count, and 0 for the others: [n, most]. */
    private static Tensor known(Tensor logs, Tensor labels, Tensor lengths) {
        Tensor numbers = labels.to(logs.dtype());
        if (numbers.size() == 0) {
            return numbers;
        }
        Tensor ramp = ClassLosses.ramp(logs, labels.dim(1));
        Tensor counts = lengths.to(logs.dtype()).unsqueeze(1).sub(ramp);
        return Arrange.where(counts, numbers, number(logs, 0));
    }

    /** What is no length or class is looked up where there is nothing, which is found. */
    private static void checkValues(
            Tensor logs, Tensor labels, Tensor numbers, Tensor frames, Tensor lengths) {
        int steps = logs.dim(0);
        int most = labels.dim(1);
        int classes = logs.dim(2);
        Checks.indices(
                logs,
                frames,
                steps + 1,
                () -> OP + ": expected input lengths from 0 to " + steps,
                frames);
        Checks.indices(
                logs,
                lengths,
                most + 1,
                () -> OP + ": expected target lengths from 0 to " + most,
                lengths);
        Checks.indices(
                logs,
                numbers.to(DType.INT64).flatten(0),
                classes,
                () -> OP + ": expected targets from 0 to " + (classes - 1),
                labels);
    }

    /** [n, S] with the same number before, between and after: [n, 2S + 1]. */
    private static Tensor withBlanks(Tensor numbers, Tensor blank) {
        int n = numbers.dim(0);
        int most = numbers.dim(1);
        Tensor before = blank.expand(n, most);
        Tensor pairs = Tensor.stack(2, before, numbers).reshape(n, 2 * most);
        return Tensor.cat(1, pairs, blank.expand(n, 1));
    }

    /** The logarithms of each state's class, [frames, n, states]. */
    private static Tensor scores(Tensor logs, Tensor classes) {
        Tensor index = classes.to(DType.INT64).unsqueeze(0);
        Tensor picked = logs.gather(2, index.expand(logs.dim(0), classes.dim(0), classes.dim(1)));
        // -infinity minus itself would be no number.
        return picked.maximum(number(logs, CtcStates.NEVER));
    }

    /** 1 where a state may follow the one before the last, else 0. */
    private static Tensor skips(Tensor logs, Tensor numbers) {
        int n = numbers.dim(0);
        int most = numbers.dim(1);
        Tensor zero = number(logs, 0);
        if (most == 0) {
            return zero.expand(n, 1);
        }
        Tensor first = zero.expand(n, 1);
        if (most == 1) {
            return withBlanks(first, zero);
        }
        Tensor changes = numbers.narrow(1, 1, most - 1).sub(numbers.narrow(1, 0, most - 1));
        Tensor own = Arrange.where(changes.abs().sub(0.5), number(logs, 1), zero);
        return withBlanks(Tensor.cat(1, first, own), zero);
    }

    private static Tensor number(Tensor like, double value) {
        return ClassLosses.number(like, value);
    }
}
