package io.github.cortado.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import jcuda.nvptxcompiler.JNvPTXCompiler;
import jcuda.nvptxcompiler.nvPTXCompilerHandle;

/** JCuda's compiler from PTX to machine code, which needs neither a GPU nor a driver. */
final class Assembler {
    private Assembler() {}

    static void assemble(String ptx, int capability, String what) {
        new NativeLibraries().binding(() -> JNvPTXCompiler.setExceptionsEnabled(false));
        nvPTXCompilerHandle compiler = new nvPTXCompilerHandle();
        byte[] text = ptx.getBytes(StandardCharsets.US_ASCII);
        assertEquals(0, JNvPTXCompiler.nvPTXCompilerCreate(compiler, text.length, text), what);
        try {
            String[] options = {"--gpu-name=sm_" + capability};
            int status = JNvPTXCompiler.nvPTXCompilerCompile(compiler, 1, options);
            assertEquals(0, status, () -> what + ": " + log(compiler));
            long[] size = new long[1];
            assertEquals(
                    0, JNvPTXCompiler.nvPTXCompilerGetCompiledProgramSize(compiler, size), what);
            assertEquals(true, size[0] > 0, what);
        } finally {
            JNvPTXCompiler.nvPTXCompilerDestroy(compiler);
        }
    }

    private static String log(nvPTXCompilerHandle compiler) {
        long[] size = new long[1];
        JNvPTXCompiler.nvPTXCompilerGetErrorLogSize(compiler, size);
        byte[] log = new byte[(int) size[0] + 1];
        JNvPTXCompiler.nvPTXCompilerGetErrorLog(compiler, log);
        return new String(log, StandardCharsets.US_ASCII).strip();
    }
}
