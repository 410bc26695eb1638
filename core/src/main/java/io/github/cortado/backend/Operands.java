package io.github.cortado.backend;

import java.util.ArrayList;
import java.util.List;

/**
 * What a formula is run over. An output may be an input too, if that has the result's shape.
 *
 * @param inputs buffers that are read, each by its strides in {@code walk}
 * @param outputs buffers that are written, of the result's shape, row by row
 * @param parameters the formula's parameters, doubles
 * @param streams its streams of random numbers
 * @param walk how the inputs stretch to the result
 */
public record Operands(
        List<Buffer> inputs,
        List<Buffer> outputs,
        List<StepValue> parameters,
        List<RandomStream> streams,
        Broadcast walk) {
    /** Of buffers of one length. */
    public static Operands of(
            List<Buffer> inputs, List<Buffer> outputs, List<StepValue> parameters) {
        Broadcast walk = Broadcast.elementwise(inputs.size(), outputs.get(0).length());
        return new Operands(inputs, outputs, parameters, List.of(), walk);
    }

    /** Of y and x, of one length; the result overwrites y. */
    public static Operands onto(Buffer y, Buffer x) {
        return of(List.of(y, x), List.of(y), List.of());
    }

    /** These, with one more output. */
    public Operands followedBy(Buffer last) {
        List<Buffer> all = new ArrayList<>(outputs);
        all.add(last);
        return new Operands(inputs, all, parameters, streams, walk);
    }

    /** Elements of the result. */
    public int length() {
        return outputs.get(0).length();
    }

    /** The parameters' present values. */
    public double[] numbers() {
        double[] numbers = new double[parameters.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = parameters.get(i).asDouble();
        }
        return numbers;
    }
}
