package io.github.cortado.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

class BenchmarksRunTest {
    @Test
    void everyBenchmarkRunsOnceOnEveryDevice() throws Exception {
        System.setProperty("jmh.ignoreLock", "true");
        Collection<RunResult> results =
                new Runner(
                                new OptionsBuilder()
                                        .include("io\\.github\\.cortado\\.benchmarks\\..*")
                                        .param("size", "64")
                                        .param("batch", "2")
                                        .mode(Mode.SingleShotTime)
                                        .forks(0)
                                        .warmupIterations(0)
                                        .measurementIterations(1)
                                        .shouldFailOnError(true)
                                        .verbosity(VerboseMode.SILENT)
                                        .build())
                        .run();
        TreeSet<String> ran = new TreeSet<>();
        for (RunResult result : results) {
            String device = result.getParams().getParam("device");
            String name = result.getParams().getBenchmark();
            ran.add(name.replaceFirst(".*\\.(\\w+\\.\\w+)$", "$1") + " " + device);
        }
        TreeSet<String> expected = new TreeSet<>();
        for (String name :
                List.of(
                        "AdamBenchmark.step",
                        "ConvolutionBenchmark.forward",
                        "ConvolutionBenchmark.gradInput",
                        "ConvolutionBenchmark.gradWeight",
                        "GemmBenchmark.matmul",
                        "LeNetBenchmark.inference",
                        "LeNetBenchmark.trainingStep",
                        "PoolingBenchmark.backward",
                        "PoolingBenchmark.forward",
                        "PoolingBenchmark.reluBackward",
                        "PoolingBenchmark.reluForward")) {
            expected.add(name + " cpu");
            expected.add(name + " cpu-scalar");
        }
        expected.add("InputPipelineBenchmark.training null");
        expected.add("InputPipelineBenchmark.validation null");
        assertEquals(expected, ran);
        // Nine of convolution, twelve of pooling, four of LeNet, two others, each on two devices;
        // two of pictures.
        assertEquals(2 * (9 + 12 + 4 + 2) + 2, results.size());
    }
}
