package io.github.cortado.ops;

import static io.github.cortado.backend.formula.Expression.constant;
import static io.github.cortado.backend.formula.Expression.where;

import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Edge;
import io.github.cortado.autograd.Node;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Broadcast;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Operands;
import io.github.cortado.backend.StepValue;
import io.github.cortado.backend.formula.Expression;
import io.github.cortado.backend.formula.Formula;
import java.util.ArrayList;
import java.util.List;

/**
 * The logarithms a_t(s) of {@link Ctc}, frame by frame, and their gradients: each frame is one
 * formula, which reads the states before a state, or after it, where they lie.
 *
 * @param follows 1 where a state has one before it, else 0, [n, states]
 * @param skips 1 where it may follow the one before that too, [n, states]
 * @param frames how many count, for each state of a line, [n, states]
 */
record CtcStates(Tensor follows, Tensor skips, Tensor frames) {
    /** The logarithm of nothing: finite, since -infinity minus itself is no number. */
    static final double NEVER = -1e30;

    /** How many states further a state may be in the next frame. */
    private static final int REACH = 2;

    /**
     * The sum m of what leads to a state, and with the frame's score what it has then, of a of the
     * state and the two before it, follows, skips, the score and the number of frames.
     */
    private static final Formula STEP =
            Formula.of(
                    "ctcStep",
                    7,
                    1,
                    o -> {
                        Expression a = o.x(0);
                        Expression b = where(o.x(3), o.x(1), constant(NEVER));
                        Expression c = where(o.x(4), o.x(2), constant(NEVER));
                        Expression most = a.max(b).max(c);
                        Expression sum =
                                a.sub(most).exp().add(b.sub(most).exp()).add(c.sub(most).exp());
                        Expression m = sum.log().add(most);
                        return List.of(m, where(o.x(6).sub(o.p(0)), m.add(o.x(5)), a));
                    });

    /**
     * The gradients of the score and of a, of a, the gradients and the sums m of the state and of
     * the two after it, whether these follow it, and the number of frames.
     */
    private static final Formula GRADIENT =
            Formula.of(
                    "ctcStepGrad",
                    10,
                    1,
                    o -> {
                        Expression none = constant(0);
                        Expression own = share(o.x(1), o.x(0), o.x(4));
                        Expression next = where(o.x(7), share(o.x(2), o.x(0), o.x(5)), none);
                        Expression last = where(o.x(8), share(o.x(3), o.x(0), o.x(6)), none);
                        Expression counts = o.x(9).sub(o.p(0));
                        return List.of(
                                where(counts, o.x(1), none),
                                where(counts, own.add(next).add(last), o.x(1)));
                    });

    /** dy e^a / e^m. */
    private static Expression share(Expression dy, Expression a, Expression m) {
        return dy.mul(a.sub(m).exp());
    }

    /**
     * The states after the last frame, [n, states].
     *
     * @param scores logarithms of each state's class, [frames, n, states]
     */
    Tensor after(Tensor scores) {
        int steps = scores.dim(0);
        int size = follows.size();
        Shape wide = Shape.of(REACH + size);
        boolean isSaved = Node.records(scores);
        List<Tensor> before = new ArrayList<>();
        List<Tensor> sums = new ArrayList<>();
        Backend backend = scores.device().backend();
        // Before the first frame a line is in state 0.
        Tensor begins = Arrange.where(follows, number(NEVER), number(0));
        Tensor states = scores.empty(wide);
        backend.fill(states.buffer().slice(0, REACH), NEVER);
        backend.copy(begins.buffer(), at(states, REACH));
        for (int t = 0; t < steps; t++) {
            Tensor next = scores.empty(wide);
            backend.fill(next.buffer().slice(0, REACH), NEVER);
            Tensor m = scores.empty(wide);
            backend.fill(m.buffer().slice(size, REACH), 0);
            List<Buffer> inputs = new ArrayList<>();
            for (int back = 0; back <= REACH; back++) {
                inputs.add(at(states, REACH - back));
            }
            inputs.add(follows.buffer());
            inputs.add(skips.buffer());
            inputs.add(scores.buffer().slice(t * size, size));
            inputs.add(frames.buffer());
            run(STEP, inputs, List.of(at(m, 0), at(next, REACH)), t);
            if (isSaved) {
                before.add(states);
                sums.add(m);
            }
            states = next;
        }
        Tensor y = new Tensor(scores.device(), follows.shape(), at(states, REACH));
        return Node.record("ctcLoss", y, Edge.to(scores, dy -> gradient(scores, dy, before, sums)));
    }

    private Tensor gradient(Tensor scores, Tensor dy, List<Tensor> before, List<Tensor> sums) {
        int size = follows.size();
        Tensor dx = scores.empty(scores.shape());
        // Whether the state after one follows it, and the one after that.
        List<Buffer> leads = List.of(at(ended(follows), 1), at(ended(skips), 2));
        Tensor g = ended(dy);
        Backend backend = dy.device().backend();
        for (int t = scores.dim(0) - 1; t >= 0; t--) {
            Tensor previous = scores.empty(g.shape());
            backend.fill(previous.buffer().slice(size, REACH), 0);
            List<Buffer> inputs = new ArrayList<>();
            inputs.add(at(before.get(t), REACH));
            for (Tensor of : List.of(g, sums.get(t))) {
                for (int further = 0; further <= REACH; further++) {
                    inputs.add(at(of, further));
                }
            }
            inputs.addAll(leads);
            inputs.add(frames.buffer());
            Buffer ofScores = dx.buffer().slice(t * size, size);
            run(GRADIENT, inputs, List.of(ofScores, at(previous, 0)), t);
            g = previous;
        }
        return dx;
    }

    /** With zeros behind the last line: no state comes after them. */
    private Tensor ended(Tensor x) {
        Tensor y = x.empty(Shape.of(x.size() + REACH));
        Backend backend = x.device().backend();
        backend.copy(x.buffer(), at(y, 0));
        backend.fill(y.buffer().slice(x.size(), REACH), 0);
        return y;
    }

    private Buffer at(Tensor x, int first) {
        return x.buffer().slice(first, follows.size());
    }

    private Tensor number(double value) {
        return ClassLosses.number(follows, value);
    }

    private void run(Formula formula, List<Buffer> inputs, List<Buffer> outputs, int t) {
        if (follows.size() > 0) {
            Broadcast walk = Broadcast.elementwise(inputs.size(), follows.size());
            follows.device()
                    .backend()
                    .pointwise(
                            formula,
                            new Operands(
                                    inputs,
                                    outputs,
                                    List.of(StepValue.of((double) t)),
                                    List.of(),
                                    walk));
        }
    }
}
