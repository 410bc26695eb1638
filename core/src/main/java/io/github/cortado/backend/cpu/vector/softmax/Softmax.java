package io.github.cortado.backend.cpu.vector.softmax;

import static io.github.cortado.backend.cpu.HostMemory.array;
import static io.github.cortado.backend.cpu.HostMemory.at;
import static io.github.cortado.backend.cpu.HostMemory.host;

import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.CrossEntropySpec;
import io.github.cortado.backend.cpu.scalar.ScalarTraining;

/** Softmax, its logarithm, and the loss that is made of it. */
public final class Softmax {
    private final Backend reference;

    public Softmax(Backend reference) {
        this.reference = reference;
    }

    public void softmax(Buffer x, Buffer y, Axis axis) {
        if (axis.inner() == 1) {
            VectorSoftmax.softmax(array(x), at(x), array(y), at(y), axis.outer(), axis.n());
        } else {
            reference.softmax(x, y, axis);
        }
    }

    public void logSoftmax(Buffer x, Buffer y, Axis axis) {
        if (axis.inner() == 1) {
            VectorSoftmax.logSoftmax(array(x), at(x), array(y), at(y), axis.outer(), axis.n());
        } else {
            reference.logSoftmax(x, y, axis);
        }
    }

    public void crossEntropy(
            Buffer logits, Buffer target, Buffer probabilities, Buffer y, CrossEntropySpec s) {
        if (s.inner() != 1) {
            reference.crossEntropy(logits, target, probabilities, y, s);
            return;
        }
        ScalarTraining.LogSums sums = ScalarTraining.LogSums.of(s.n());
        float[] p = array(probabilities);
        VectorSoftmax.softmax(
                array(logits), at(logits), p, at(probabilities), s.n(), s.classes(), sums);
        ScalarTraining.losses(host(logits), host(target), sums, host(y), s);
    }
}
