package io.github.cortado.cuda;

import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Buffer;

/** Lines and elements by number: {@code index.cu}. */
interface CudaIndexing extends CudaMemory {
    @Override
    default void indexSelect(Buffer x, Buffer index, Buffer y, Axis axis) {
        if (y.length() == 0) {
            return;
        }
        Kernel kernel =
                switch (x.dtype().bytes()) {
                    case 1 -> Kernel.INDEX_SELECT_1;
                    case 4 -> Kernel.INDEX_SELECT_4;
                    default -> Kernel.INDEX_SELECT_8;
                };
        Launch launch = gpu().launch(kernel, y.length()).pointer(x).pointer(index).pointer(y);
        sizes(launch, axis, index.length());
        launch.pointer(gpu().errors().onDevice()).run();
    }

    @Override
    default void indexSelectGrad(Buffer dy, Buffer index, Buffer dx, Axis axis, int padding) {
        fill(dx, 0);
        if (dy.length() > 0) {
            Launch launch =
                    gpu().launch(Kernel.INDEX_SELECT_GRAD)
                            .grid(gpu().blocks((long) axis.outer() * index.length()))
                            .pointer(dy)
                            .pointer(index)
                            .pointer(dx);
            sizes(launch, axis, index.length());
            launch.int32(padding).run();
        }
    }

    @Override
    default void take(Buffer x, Buffer index, Buffer y, Axis axis) {
        if (y.length() == 0) {
            return;
        }
        Kernel kernel =
                switch (x.dtype().bytes()) {
                    case 1 -> Kernel.TAKE_1;
                    case 4 -> Kernel.TAKE_4;
                    default -> Kernel.TAKE_8;
                };
        Launch launch = gpu().launch(kernel, y.length()).pointer(x).pointer(index).pointer(y);
        sizes(launch, axis, index.length() / (axis.outer() * axis.inner()));
        launch.pointer(gpu().errors().onDevice()).run();
    }

    @Override
    default void takeGrad(Buffer dy, Buffer index, Buffer dx, Axis axis) {
        fill(dx, 0);
        if (dy.length() == 0) {
            return;
        }
        int columns = axis.outer() * axis.inner();
        Launch launch =
                gpu().launch(Kernel.TAKE_GRAD, columns).pointer(dy).pointer(index).pointer(dx);
        sizes(launch, axis, index.length() / columns);
        launch.pointer(gpu().errors().onDevice()).run();
    }

    @Override
    default void put(Buffer x, Buffer index, Buffer y, Axis axis) {
        if (x.length() == 0) {
            return;
        }
        Kernel kernel =
                switch (x.dtype().bytes()) {
                    case 1 -> Kernel.PUT_1;
                    case 4 -> Kernel.PUT_4;
                    default -> Kernel.PUT_8;
                };
        int columns = axis.outer() * axis.inner();
        Launch launch = gpu().launch(kernel, columns).pointer(x).pointer(index).pointer(y);
        sizes(launch, axis, index.length() / columns);
        launch.pointer(gpu().errors().onDevice()).run();
    }

    private static void sizes(Launch launch, Axis axis, int picks) {
        launch.struct().putInt(axis.outer()).putInt(axis.n()).putInt(axis.inner()).putInt(picks);
    }
}
