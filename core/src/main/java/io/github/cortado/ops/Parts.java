package io.github.cortado.ops;

import io.github.cortado.Internals;
import io.github.cortado.Tensor;
import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Broadcast;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Operands;
import io.github.cortado.backend.Strided;
import io.github.cortado.backend.formula.Formula;
import java.util.ArrayList;
import java.util.List;

/**
 * Equal parts of a tensor's lines as the operands of formulas, read where they lie.
 *
 * @param axis of the parts: {@code n} of them in each line, of {@code inner} elements side by side
 */
record Parts(Axis axis) {
    /** Parts of dimension d of x, whose size they divide. */
    static Parts along(Tensor x, int d, int count) {
        Axis line = Max.axis(x.shape(), d);
        return new Parts(new Axis(line.outer(), count, line.n() / count * line.inner()));
    }

    /** Where each part of x begins; between two lines of it lie the others'. */
    List<Buffer> of(Tensor x) {
        List<Buffer> parts = new ArrayList<>();
        for (int i = 0; i < axis.n(); i++) {
            int length = x.size() - (axis.n() - 1) * axis.inner();
            parts.add(x.buffer().slice(i * axis.inner(), length));
        }
        return parts;
    }

    /** y = a formula of the parts of x; y has the elements of one part. */
    void run(Formula formula, Tensor x, Tensor y) {
        if (y.size() > 0) {
            run(x, formula, of(x), List.of(y.buffer()));
        }
    }

    /** dx, part by part the results of a formula of the parts of x and of dy, which comes last. */
    Tensor gradients(Formula formula, Tensor x, Tensor dy) {
        Tensor dx = Internals.newGrad(x);
        if (dy.size() == 0) {
            return dx;
        }
        List<Buffer> inputs = of(x);
        inputs.add(dy.buffer());
        if (axis.outer() == 1) {
            run(x, formula, inputs, of(dx));
            return dx;
        }
        List<Buffer> each = new ArrayList<>();
        for (int i = 0; i < axis.n(); i++) {
            each.add(dy.empty(dy.shape()).buffer());
        }
        run(x, formula, inputs, each);
        int[] shape = {axis.outer(), axis.inner()};
        int[] strides = {axis.n() * axis.inner(), 1};
        for (int i = 0; i < axis.n(); i++) {
            Strided to = new Strided(shape, strides, i * axis.inner());
            dx.device().backend().scatter(each.get(i), dx.buffer(), to);
        }
        return dx;
    }

    private void run(Tensor x, Formula formula, List<Buffer> inputs, List<Buffer> outputs) {
        int[][] strides = new int[inputs.size()][];
        for (int i = 0; i < strides.length; i++) {
            strides[i] = new int[] {(i < axis.n() ? axis.n() : 1) * axis.inner(), 1};
        }
        Broadcast walk = Broadcast.of(new int[] {axis.outer(), axis.inner()}, strides);
        Operands operands = new Operands(inputs, outputs, List.of(), List.of(), walk);
        x.device().backend().pointwise(formula, operands);
    }
}
