package io.github.cortado.cuda;

import io.github.cortado.DType;
import io.github.cortado.backend.Broadcast;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Operands;
import io.github.cortado.backend.Strided;
import io.github.cortado.backend.formula.Formula;
import java.util.ArrayList;
import java.util.List;

/** Formulas: by kernels of their own ({@link ByHand}), all others by the one that interprets. */
interface CudaPointwise extends CudaMemory {
    /** Who runs what has no kernel of its own. */
    Interpreter interpreter();

    @Override
    default void pointwise(Formula formula, Operands o) {
        if (o.length() == 0) {
            return;
        }
        ByHand.Way way = ByHand.way(formula, o);
        if (way != null) {
            way.run(this, o);
        } else if (o.walk().shape().length <= MAX_RANK) {
            interpreter().run(formula, o);
        } else {
            laidOut(formula, o);
        }
    }

    /** As {@link #pointwise}, of inputs that stretch over too many dimensions for the kernel. */
    private void laidOut(Formula formula, Operands o) {
        List<Buffer> inputs = new ArrayList<>();
        for (int k = 0; k < o.inputs().size(); k++) {
            Buffer whole = empty(DType.FLOAT32, o.length());
            gather(
                    o.inputs().get(k),
                    whole,
                    new Strided(o.walk().shape(), o.walk().strides()[k], 0));
            inputs.add(whole);
        }
        Broadcast walk = Broadcast.elementwise(inputs.size(), o.length());
        interpreter()
                .run(formula, new Operands(inputs, o.outputs(), o.parameters(), o.streams(), walk));
        inputs.forEach(b -> b.release("it held a stretched operand"));
    }
}
