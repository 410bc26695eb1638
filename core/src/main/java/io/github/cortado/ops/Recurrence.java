package io.github.cortado.ops;

import static java.util.Objects.requireNonNull;

import io.github.cortado.Internals;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Node;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Broadcast;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.CellSpec;
import io.github.cortado.backend.LinearSpec;
import io.github.cortado.backend.Operands;
import io.github.cortado.backend.Strided;
import io.github.cortado.backend.formula.Cells;
import io.github.cortado.backend.formula.Formula;
import io.github.cortado.backend.formula.Formulas;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One layer of a recurrent network over all steps of a sequence. What the inputs make of the gates
 * is computed before, for all steps at once; here every step adds what the state makes of them. The
 * gradient of the state's weights is one product over all steps.
 */
public final class Recurrence {
    /** What a step computes. */
    public enum Cell {
        /** {@link Cells#TANH}. */
        TANH(1),
        /** {@link Cells#RELU}. */
        RELU(1),
        /** {@link Cells#GRU}. */
        GRU(3),
        /** {@link Backend#lstmCell}. */
        LSTM(4);

        private final int gates;

        Cell(int gates) {
            this.gates = gates;
        }

        /** How many times the hidden size its products have as columns. */
        public int gates() {
            return gates;
        }
    }

    private final Cell cell;
    private final boolean reverse;
    private final Backend backend;
    private final int steps;
    private final int n;
    private final int hidden;

    /**
     * The weights, or a copy whose packed form every step uses: nobody keeps that of trained ones.
     */
    private final Tensor factors;

    private final Tensor x;
    private final Tensor h;
    private final @Nullable Tensor c;
    private final Tensor w;
    private final @Nullable Tensor b;

    /** All states, and behind them the last cell state of an LSTM. */
    private final Tensor y;

    /** The gates of all steps: of an LSTM their values, of a GRU what the state makes of them. */
    private final @Nullable Tensor gates;

    private final @Nullable Tensor cells;

    private Recurrence(
            Cell cell,
            Tensor x,
            Tensor h,
            @Nullable Tensor c,
            Tensor w,
            @Nullable Tensor b,
            boolean reverse) {
        this.cell = cell;
        this.reverse = reverse;
        this.x = x;
        this.h = h;
        this.c = c;
        this.w = w;
        this.b = b;
        backend = x.device().backend();
        steps = x.dim(0);
        n = x.dim(1);
        hidden = w.dim(1);
        boolean isReady = steps == 1 || w.buffer().derived() != null;
        factors = isReady ? w.detach() : kept(w.copy());
        y = x.empty(Shape.of(c == null ? steps : steps + 1, n, hidden));
        gates = cell.gates > 1 ? x.empty(x.shape()) : null;
        cells = c == null ? null : x.empty(Shape.of(steps, n, hidden));
    }

    /**
     * States of all steps.
     *
     * @param x what the inputs make of the gates, [steps, n, gates hidden]
     * @param h the state before the first step, [n, hidden]
     * @param c the cell state of an LSTM before the first step, [n, hidden]; null for others
     * @param w [gates hidden, hidden]
     * @param b [gates hidden], or null
     * @param reverse from the last step to the first
     * @return [steps, n, hidden]; of an LSTM one line more, its last cell state
     */
    public static Tensor apply(
            Cell cell,
            Tensor x,
            Tensor h,
            @Nullable Tensor c,
            Tensor w,
            @Nullable Tensor b,
            boolean reverse) {
        Checks.compatible("recurrence", x, h, w);
        Normalise.present(c, b).forEach(t -> Checks.compatible("recurrence", x, t));
        Checks.rank("recurrence", "an input", x, 3);
        Checks.rank("recurrence", "a weight", w, 2);
        Checks.require(
                w.dim(0) == cell.gates * w.dim(1) && x.dim(2) == w.dim(0) && x.dim(0) > 0,
                "recurrence: weight %s of %s gates does not fit an input of %s",
                w.shape(),
                cell.gates,
                x.shape());
        Shape state = Shape.of(x.dim(1), w.dim(1));
        Checks.require(
                h.shape().equals(state) && (c == null || c.shape().equals(state)),
                "recurrence: expected states of shape %s, got %s",
                state,
                h.shape().equals(state) && c != null ? c.shape() : h.shape());
        Recurrence r = new Recurrence(cell, x, h, c, w, b, reverse);
        r.forward();
        List<Tensor> kept = new ArrayList<>();
        if (r.gates != null) {
            kept.add(r.gates);
        }
        if (r.cells != null) {
            kept.add(r.cells);
        }
        JointGradients all = new JointGradients(r::gradients);
        return Node.record(
                cell.gates == 1 ? "rnn" : cell.name().toLowerCase(Locale.ROOT),
                r.y,
                List.of(r.y),
                kept,
                all.edges(x, h, c, w, b));
    }

    // Places

    private Buffer step(Tensor t, int k) {
        int size = t.size() / t.dim(0);
        return t.buffer().slice(k * size, size);
    }

    /** The state before step k. */
    private Buffer before(Tensor states, Tensor first, int k) {
        int previous = reverse ? k + 1 : k - 1;
        return previous < 0 || previous == steps ? first.buffer() : step(states, previous);
    }

    private Buffer cellBefore(int k) {
        return before(requireNonNull(cells), requireNonNull(c), k);
    }

    private Buffer cellAt(int k) {
        return step(requireNonNull(cells), k);
    }

    /** The step that is number i of those that are made. */
    private int ordinal(int i) {
        return reverse ? steps - 1 - i : i;
    }

    /** A formula over [n, hidden]; the first {@code wide} inputs are columns of gates. */
    private void run(Formula formula, List<Buffer> inputs, int wide, List<Buffer> outputs) {
        int[][] strides = new int[inputs.size()][];
        for (int i = 0; i < strides.length; i++) {
            strides[i] = new int[] {i < wide ? cell.gates * hidden : hidden, 1};
        }
        Broadcast walk = Broadcast.of(new int[] {n, hidden}, strides);
        backend.pointwise(formula, new Operands(inputs, outputs, List.of(), List.of(), walk));
    }

    private CellSpec sizes() {
        return new CellSpec(n, hidden);
    }

    /** Columns of every gate of a step [n, gates hidden]. */
    private List<Buffer> columns(Buffer step) {
        List<Buffer> parts = new ArrayList<>();
        for (int g = 0; g < cell.gates; g++) {
            parts.add(step.slice(g * hidden, step.length() - g * hidden));
        }
        return parts;
    }

    private static Tensor kept(Tensor t) {
        t.buffer().keepsDerived(true);
        return t;
    }

    // Forward

    private void forward() {
        for (int i = 0; i < steps; i++) {
            int k = ordinal(i);
            Buffer previous = before(y, h, k);
            Buffer state = step(y, k);
            if (gates == null) {
                Formula f = cell == Cell.TANH ? Cells.TANH : Cells.RELU;
                follow(previous, state, f, k);
            } else if (cell == Cell.GRU) {
                Buffer own = step(gates, k);
                linear(previous, own);
                List<Buffer> inputs = new ArrayList<>(columns(step(x, k)));
                inputs.addAll(columns(own));
                inputs.add(previous);
                run(Cells.GRU, inputs, 6, List.of(state));
            } else {
                Buffer own = step(gates, k);
                linear(previous, own);
                backend.lstmCell(step(x, k), own, cellBefore(k), state, cellAt(k), sizes());
            }
        }
        if (cells != null) {
            backend.copy(step(cells, ordinal(steps - 1)), step(y, steps));
        }
        if (!factors.sharesMemoryWith(w)) {
            factors.buffer().release("the steps were made");
        }
    }

    private void linear(Buffer previous, Buffer to) {
        backend.linear(
                previous,
                factors.buffer(),
                b == null ? null : b.buffer(),
                to,
                new LinearSpec(n, cell.gates * hidden, hidden));
    }

    /** The product of a state, and a formula of it and of what the input makes. */
    private void follow(Buffer previous, Buffer to, Formula formula, int k) {
        backend.followed(
                to, between -> linear(previous, between), formula, Operands.onto(to, step(x, k)));
    }

    // Backward

    /** Gradients of x, h, c, w and b. */
    private @Nullable Tensor[] gradients(Tensor dy) {
        Tensor dx = Internals.newGrad(x);
        // Of a GRU the state's part of the gates has another gradient than the input's.
        Tensor dg = cell == Cell.GRU ? x.empty(x.shape()) : dx;
        Tensor dh = h.sibling(h.shape());
        Tensor dc = null;
        if (c != null) {
            dc = Internals.newGrad(c);
            backend.copy(step(dy, steps), dc.buffer());
        }
        Tensor parts = cell == Cell.GRU ? x.empty(Shape.of(5, n, hidden)) : null;
        Tensor turned = kept(w.detach().transpose(0, 1));
        for (int i = steps - 1; i >= 0; i--) {
            int k = ordinal(i);
            step(k, step(dy, k), dh.buffer(), dc, step(dx, k), step(dg, k), parts, turned);
        }
        Tensor dw = w.requiresGrad() ? Internals.newGrad(w) : null;
        Tensor db = b != null && b.requiresGrad() ? Internals.newGrad(b) : null;
        if (dw != null || db != null) {
            Tensor previous = x.empty(Shape.of(steps, n, hidden));
            int moved = (steps - 1) * n * hidden;
            int at = n * hidden;
            backend.copy(h.buffer(), step(previous, ordinal(0)));
            backend.copy(
                    y.buffer().slice(reverse ? at : 0, moved),
                    previous.buffer().slice(reverse ? 0 : at, moved));
            backend.linearGrad(
                    previous.buffer(),
                    w.buffer(),
                    dg.buffer(),
                    null,
                    JointGradients.buffer(dw),
                    JointGradients.buffer(db),
                    new LinearSpec(steps * n, cell.gates * hidden, hidden));
        }
        return c == null ? new Tensor[] {dx, dh, null, dw, db} : new Tensor[] {dx, dh, dc, dw, db};
    }

    /** Step k: the gradients of the gates, and in dh and dc those of the states before it. */
    private void step(
            int k,
            Buffer dy,
            Buffer dh,
            @Nullable Tensor dc,
            Buffer dx,
            Buffer dg,
            @Nullable Tensor parts,
            Tensor turned) {
        if (gates == null) {
            Formula f = cell == Cell.TANH ? Cells.TANH_GRAD : Cells.RELU_GRAD;
            run(f, List.of(step(y, k), dh, dy), 0, List.of(dx));
            back(dx, turned, dh);
            return;
        }
        if (dc != null) {
            Buffer own = step(gates, k);
            backend.lstmCellGrad(own, cellBefore(k), cellAt(k), dh, dy, dc.buffer(), dg, sizes());
            back(dg, turned, dh);
            return;
        }
        List<Buffer> inputs = new ArrayList<>(columns(step(x, k)));
        inputs.addAll(columns(step(gates, k)));
        inputs.addAll(List.of(before(y, h, k), dh, dy));
        List<Buffer> outputs = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            outputs.add(step(requireNonNull(parts), i));
        }
        run(Cells.GRU_GRAD, inputs, 6, outputs);
        scatter(outputs.subList(0, 3), dx);
        scatter(List.of(outputs.get(0), outputs.get(1), outputs.get(3)), dg);
        back(dg, turned, dh);
        backend.pointwise(Formulas.ADD.value(), Operands.onto(dh, outputs.get(4)));
    }

    /** Parts [n, hidden] as columns of a step [n, gates hidden]. */
    private void scatter(List<Buffer> parts, Buffer step) {
        int[] shape = {n, hidden};
        int[] strides = {cell.gates * hidden, 1};
        for (int g = 0; g < parts.size(); g++) {
            backend.scatter(parts.get(g), step, new Strided(shape, strides, g * hidden));
        }
    }

    /** dh = dg w, of w turned. */
    private void back(Buffer dg, Tensor turned, Buffer dh) {
        LinearSpec spec = new LinearSpec(n, hidden, cell.gates * hidden);
        backend.linear(dg, turned.buffer(), null, dh, spec);
    }
}
