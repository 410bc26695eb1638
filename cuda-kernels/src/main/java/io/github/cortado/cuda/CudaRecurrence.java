package io.github.cortado.cuda;

import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.CellSpec;

/** Cells of recurrent networks: {@code recurrent.cu}. */
interface CudaRecurrence extends CudaMemory {
    @Override
    default void lstmCell(Buffer x, Buffer gates, Buffer c, Buffer h, Buffer next, CellSpec s) {
        cells(Kernel.LSTM_CELL, s, x, gates, c, h, next);
    }

    @Override
    default void lstmCellGrad(
            Buffer gates,
            Buffer c,
            Buffer next,
            Buffer dh,
            Buffer dy,
            Buffer dc,
            Buffer dgates,
            CellSpec s) {
        cells(Kernel.LSTM_CELL_GRAD, s, gates, c, next, dh, dy, dc, dgates);
    }

    private void cells(Kernel kernel, CellSpec s, Buffer... buffers) {
        if (s.n() * s.hidden() == 0) {
            return;
        }
        Launch launch = gpu().launch(kernel, (long) s.n() * s.hidden());
        for (Buffer b : buffers) {
            launch.pointer(b);
        }
        launch.int32(s.n());
        CudaConvolution.putDivisor(launch.struct(), s.hidden());
        launch.run();
    }
}
