package io.github.cortado.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.Device;
import io.github.cortado.JavaProgram;
import io.github.cortado.Tensor;
import io.github.cortado.backend.Parallel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The property cortado.threads, each time in a virtual machine of its own. */
public class ThreadsPropertyTest {
    /** What a program does that uses the CPU. */
    static final class Program {
        private Program() {}

        public static void main(String[] args) {
            Tensor.zeros(1 << 20).add(1);
            System.out.println(Device.cpu() + " " + Parallel.threads());
        }
    }

    private static String run(String threads) throws IOException, InterruptedException {
        Process java =
                JavaProgram.plain(Program.class, List.of("-Dcortado.threads=" + threads))
                        .redirectErrorStream(true)
                        .start();
        String output = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return java.waitFor() + " " + output;
    }

    @Test
    void whatIsNoNumberOfThreadsIsAnErrorThatNamesIt() throws IOException, InterruptedException {
        for (String wrong : new String[] {"abc", "-3"}) {
            String output = run(wrong);
            assertTrue(
                    output.startsWith("1 ")
                            && output.contains(
                                    "-Dcortado.threads="
                                            + wrong
                                            + ": expected a number of threads, from 1 up"),
                    output);
        }
    }

    @Test
    void aNumberOfThreadsIsUsed() throws IOException, InterruptedException {
        assertEquals("cpu 3", run("3").lines().reduce("", (before, line) -> line));
    }
}
