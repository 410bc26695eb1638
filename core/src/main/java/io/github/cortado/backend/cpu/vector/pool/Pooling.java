package io.github.cortado.backend.cpu.vector.pool;

import static io.github.cortado.backend.cpu.HostMemory.array;
import static io.github.cortado.backend.cpu.HostMemory.at;
import static io.github.cortado.backend.cpu.HostMemory.bytes;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Pool2dSpec;

/** Max and average pooling. */
public final class Pooling {
    private final Backend reference;

    public Pooling(Backend reference) {
        this.reference = reference;
    }

    public void maxPool2d(Buffer x, Buffer y, Pool2dSpec s) {
        if (s.isTwoByTwo()) {
            VectorPooling.maxTwoByTwo(array(x), at(x), array(y), at(y), s);
        } else if (OverlapPooling.fits(s)) {
            OverlapPooling.max(array(x), at(x), array(y), at(y), null, 0, s);
        } else {
            PlanePooling.max(array(x), at(x), array(y), at(y), s);
        }
    }

    public boolean keepsMaxPool2dIndex(Pool2dSpec s) {
        return !s.isTwoByTwo() && reference.keepsMaxPool2dIndex(s);
    }

    public void maxPool2dWithIndex(Buffer x, Buffer y, Buffer index, Pool2dSpec s) {
        if (OverlapPooling.fits(s)) {
            OverlapPooling.max(array(x), at(x), array(y), at(y), bytes(index), at(index), s);
        } else {
            PlanePooling.maxWithIndex(array(x), at(x), array(y), at(y), bytes(index), at(index), s);
        }
    }

    public void maxPool2dGrad(Buffer x, Buffer dy, Buffer dx, Pool2dSpec s) {
        if (s.isTwoByTwo()) {
            VectorPooling.maxTwoByTwoGrad(array(x), at(x), array(dy), at(dy), array(dx), at(dx), s);
        } else {
            PlanePooling.maxGrad(array(x), at(x), array(dy), at(dy), array(dx), at(dx), s);
        }
    }

    public void reluMaxPool2d(Buffer x, Buffer y, Buffer index, Pool2dSpec s) {
        if (s.isTwoByTwo()) {
            VectorReluPooling.twoByTwo(
                    array(x), at(x), array(y), at(y), bytes(index), at(index), s);
        } else {
            PlanePooling.reluMax(array(x), at(x), array(y), at(y), bytes(index), at(index), s);
        }
    }

    public void reluMaxPool2dGrad(Buffer dy, Buffer index, Buffer dx, Pool2dSpec s) {
        if (s.isTwoByTwo()) {
            VectorReluPooling.twoByTwoGrad(
                    array(dy), at(dy), bytes(index), at(index), array(dx), at(dx), s);
        } else if (OverlapPooling.fits(s)) {
            OverlapPoolGradient.run(
                    array(dy), at(dy), bytes(index), at(index), array(dx), at(dx), s);
        } else {
            PlanePooling.reluMaxGrad(
                    array(dy), at(dy), bytes(index), at(index), array(dx), at(dx), s);
        }
    }

    public void avgPool2d(Buffer x, Buffer y, Pool2dSpec s) {
        PlanePooling.mean(array(x), at(x), array(y), at(y), s);
    }

    public void avgPool2dGrad(Buffer dy, Buffer dx, Pool2dSpec s) {
        PlanePooling.meanGrad(array(dy), at(dy), array(dx), at(dx), s);
    }
}
