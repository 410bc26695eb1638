package io.github.cortado.backend;

import static io.github.cortado.nn.Functional.crossEntropy;

import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.nn.LeNet;
import io.github.cortado.optim.Adam;
import io.github.cortado.random.Seed;
import io.github.cortado.random.Streams;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;

/**
 * A program that prints a line for each thing that a device computes, with a checksum of its bits.
 * Run in virtual machines that compile in different ways, it must print the same everywhere. Every
 * repetition, cold or compiled, with 1, 2 or 7 threads, must give the same lines too, or it fails.
 */
public final class BitsOfABackend {
    /** Rows of the contract whose buffers are longer than this are left to the other tests. */
    private static final int MOST_WORK = 600;

    private static final int[] THREADS = {2, 1, 7};

    private BitsOfABackend() {}

    /** Arguments: how often to repeat everything, the device, and of how many rows one is taken. */
    public static void main(String[] args) {
        int repetitions = Integer.parseInt(args[0]);
        Device device = Device.of(args[1]);
        int of = Integer.parseInt(args[2]);
        System.out.println("width " + device.description().replaceAll(", \\d+ threads", ""));
        List<String> first = List.of();
        for (int i = 0; i < repetitions; i++) {
            Parallel.setThreads(THREADS[i % THREADS.length]);
            List<String> lines = new ArrayList<>();
            leNet(device, lines);
            contract(device.backend(), of, lines);
            if (i == 0) {
                first = lines;
                first.forEach(System.out::println);
            }
            for (int line = 0; line < first.size(); line++) {
                if (!first.get(line).equals(lines.get(line))) {
                    System.out.println(
                            "repetition " + i + ": " + lines.get(line) + " was " + first.get(line));
                    System.exit(1);
                }
            }
        }
    }

    private static void contract(Backend backend, int of, List<String> lines) {
        List<ContractCase> all = ContractCases.all();
        for (int row = 0; row < all.size(); row += of) {
            ContractCase c = all.get(row);
            ContractRun run = new ContractRun(backend, Placing.at(1), MOST_WORK);
            try {
                c.call().run(backend, run);
            } catch (ContractRun.TooLarge e) {
                continue;
            }
            CRC32 sum = new CRC32();
            for (Object result : run.results()) {
                add(sum, result);
            }
            lines.add(Long.toHexString(sum.getValue()) + " " + c);
        }
    }

    private static void leNet(Device device, List<String> lines) {
        Seed.manualSeed(7);
        LeNet net = LeNet.small();
        net.to(device);
        Adam adam = new Adam(net.parameters());
        float[] pixels = new float[5 * 3 * 8 * 8];
        Streams.general(1, 2).uniforms(0, -1, 1, pixels, 0, pixels.length);
        Tensor images = Tensor.of(pixels, 5, 3, 8, 8).to(device);
        Tensor labels = Tensor.of(new long[] {3, 1, 4, 1, 5}).to(device);
        for (int step = 0; step < 3; step++) {
            Tensor loss = crossEntropy(net.forward(images), labels);
            adam.zeroGrad();
            loss.backward();
            adam.step();
            CRC32 sum = new CRC32();
            add(sum, loss.toFloats());
            net.parameters().forEach(p -> add(sum, p.toFloats()));
            lines.add(Long.toHexString(sum.getValue()) + " LeNet step " + step);
        }
    }

    private static void add(CRC32 sum, Object values) {
        if (values instanceof long[] v) {
            sum.update(Arrays.toString(v).getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        } else {
            for (float f : (float[]) values) {
                int bits = Float.floatToIntBits(f);
                for (int shift = 0; shift < 32; shift += 8) {
                    sum.update(bits >>> shift & 0xFF);
                }
            }
        }
    }
}
