package io.github.cortado.backend.cpu.vector.reduce;

import io.github.cortado.backend.Axis;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.vector.layout.Lines;

/** y[o,j] = sum over i of x[o,i,j], line by line, in double and in order. */
record LineSums(Axis axis) implements Reductions.Sum {
    @Override
    public void run(Floats x, Floats y) {
        float[] from = x.array();
        float[] to = y.array();
        Lines.run(
                axis,
                (start, line) -> {
                    int at = x.offset() + start;
                    double sum = 0;
                    for (int i = 0; i < axis.n(); i++) {
                        sum += from[at + i * axis.inner()];
                    }
                    to[y.offset() + line] = (float) sum;
                });
    }
}
