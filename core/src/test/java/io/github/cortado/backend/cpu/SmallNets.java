package io.github.cortado.backend.cpu;

import static io.github.cortado.nn.Functional.gelu;
import static io.github.cortado.nn.Functional.maxPool2d;
import static io.github.cortado.nn.Functional.relu;
import static io.github.cortado.nn.Functional.relu6;

import io.github.cortado.Tensor;
import io.github.cortado.autograd.Edge;
import io.github.cortado.autograd.Node;
import io.github.cortado.nn.BatchNorm2d;
import io.github.cortado.nn.Conv2d;
import io.github.cortado.nn.Dropout;
import io.github.cortado.nn.Layer;
import io.github.cortado.nn.LayerNorm;
import io.github.cortado.nn.Linear;
import io.github.cortado.random.Seed;
import java.util.ArrayList;
import java.util.List;

/** What the benchmarks' five networks are made of, small; who looks sees every result. */
final class SmallNets {
    static final List<String> NAMES = List.of("lenet", "mlp", "residual", "inverted", "encoder");

    private SmallNets() {}

    static Net of(String name) {
        Seed.manualSeed(3);
        return switch (name) {
            case "lenet" -> new LeNet();
            case "mlp" -> new Mlp();
            case "residual" -> new Residual();
            case "inverted" -> new Inverted();
            default -> new Encoder();
        };
    }

    /** From pictures to 5 logits. */
    abstract static class Net extends Layer {
        /** Every result, and what an operation that is not the library's was given. */
        final List<Tensor> seen = new ArrayList<>();

        /** What that operation read at once, and what it was read from. */
        final List<float[]> early = new ArrayList<>();

        final List<Tensor> late = new ArrayList<>();

        /** Whether it reads. */
        boolean isRead;

        int[] input(int n) {
            return new int[] {n, 3, 8, 8};
        }

        final Tensor see(Tensor y) {
            seen.add(y);
            return y;
        }

        final Tensor peek(Tensor x) {
            return see(
                    Node.record(
                            "peek",
                            x.detach().mul(2),
                            Edge.to(
                                    x,
                                    dy -> {
                                        Tensor dx = see(see(see(dy).exp()).mul(0).add(dy.mul(2)));
                                        see(dy.reshape(-1));
                                        if (isRead) {
                                            late.addAll(List.of(dy, dx));
                                            early.addAll(List.of(dy.toFloats(), dx.toFloats()));
                                        }
                                        return dx;
                                    })));
        }
    }

    private static final class LeNet extends Net {
        private final Conv2d conv1 = add("conv1", new Conv2d(3, 8, 3).padding(1));
        private final Conv2d conv2 = add("conv2", new Conv2d(8, 16, 3).padding(1));
        private final Dropout drop = add("drop", new Dropout(0.5));
        private final Linear fc1 = add("fc1", new Linear(64, 20));
        private final Linear fc2 = add("fc2", new Linear(20, 5));

        @Override
        public Tensor forward(Tensor x) {
            x = see(maxPool2d(see(relu(see(conv1.forward(x)))), 2));
            x = see(maxPool2d(see(relu(see(conv2.forward(peek(x))))), 2));
            x = see(drop.forward(see(relu(see(fc1.forward(see(x.flatten(1))))))));
            return see(fc2.forward(x));
        }
    }

    private static final class Mlp extends Net {
        private final Linear fc1 = add("fc1", new Linear(192, 32));
        private final Linear fc2 = add("fc2", new Linear(32, 32));
        private final Linear fc3 = add("fc3", new Linear(32, 5));

        @Override
        public Tensor forward(Tensor x) {
            x = see(gelu(see(fc1.forward(see(x.flatten(1))))));
            x = see(gelu(see(fc2.forward(x))));
            return see(fc3.forward(peek(x)));
        }
    }

    private static final class Residual extends Net {
        private final Conv2d stem = add("stem", new Conv2d(3, 8, 3).padding(1).withoutBias());
        private final BatchNorm2d bn = add("bn", new BatchNorm2d(8));
        private final Conv2d conv1 = add("conv1", new Conv2d(8, 8, 3).padding(1).withoutBias());
        private final BatchNorm2d bn1 = add("bn1", new BatchNorm2d(8));
        private final Conv2d conv2 = add("conv2", new Conv2d(8, 8, 3).padding(1).withoutBias());
        private final BatchNorm2d bn2 = add("bn2", new BatchNorm2d(8));
        private final Linear fc = add("fc", new Linear(8, 5));

        @Override
        public Tensor forward(Tensor x) {
            x = see(relu(see(bn.forward(see(stem.forward(x))))));
            for (int i = 0; i < 2; i++) {
                Tensor y = see(relu(see(bn1.forward(see(conv1.forward(x))))));
                y = see(bn2.forward(see(conv2.forward(i == 0 ? peek(y) : y))));
                x = see(relu(see(x.add(y))));
            }
            return see(fc.forward(see(x.mean(false, 2, 3))));
        }
    }

    private static final class Inverted extends Net {
        private final Conv2d stem = add("stem", new Conv2d(3, 8, 3).stride(2).padding(1));
        private final Conv2d wide = add("wide", new Conv2d(8, 24, 1).withoutBias());
        private final BatchNorm2d bn1 = add("bn1", new BatchNorm2d(24));
        private final Conv2d each =
                add("each", new Conv2d(24, 24, 3).padding(1).groups(24).withoutBias());
        private final BatchNorm2d bn2 = add("bn2", new BatchNorm2d(24));
        private final Conv2d narrow = add("narrow", new Conv2d(24, 8, 1).withoutBias());
        private final BatchNorm2d bn3 = add("bn3", new BatchNorm2d(8));
        private final Linear fc = add("fc", new Linear(8, 5));

        @Override
        public Tensor forward(Tensor x) {
            x = see(stem.forward(x));
            for (int i = 0; i < 2; i++) {
                Tensor y = see(relu6(see(bn1.forward(see(wide.forward(x))))));
                y = see(relu6(see(bn2.forward(see(each.forward(y))))));
                x = see(x.add(see(bn3.forward(see(narrow.forward(y))))));
            }
            return see(fc.forward(see(peek(x).mean(false, 2, 3))));
        }
    }

    private static final class Encoder extends Net {
        private final Conv2d patch = add("patch", new Conv2d(3, 12, 2).stride(2));
        private final LayerNorm norm1 = add("norm1", new LayerNorm(12));
        private final Linear qkv = add("qkv", new Linear(12, 36));
        private final Linear proj = add("proj", new Linear(12, 12));
        private final LayerNorm norm2 = add("norm2", new LayerNorm(12));
        private final Linear up = add("up", new Linear(12, 24));
        private final Linear down = add("down", new Linear(24, 12));
        private final Linear head = add("head", new Linear(12, 5));

        @Override
        public Tensor forward(Tensor x) {
            x = see(see(patch.forward(x)).flatten(2).transpose(1, 2));
            for (int i = 0; i < 2; i++) {
                x = see(x.add(attention(see(norm1.forward(x)))));
                Tensor y = see(gelu(see(up.forward(see(norm2.forward(x))))));
                x = see(x.add(see(down.forward(i == 0 ? peek(y) : y))));
            }
            return see(head.forward(see(x.mean(false, 1))));
        }

        private Tensor attention(Tensor x) {
            int n = x.dim(0);
            Tensor all = see(see(qkv.forward(x)).reshape(n, 16, 3, 2, 6).permute(2, 0, 3, 1, 4));
            Tensor q = see(all.narrow(0, 0, 1).squeeze(0));
            Tensor k = see(all.narrow(0, 1, 1).squeeze(0));
            Tensor v = see(all.narrow(0, 2, 1).squeeze(0));
            Tensor weights = see(see(see(q.matmul(k.transpose(2, 3))).mul(0.4)).softmax(3));
            return see(proj.forward(see(weights.matmul(v)).transpose(1, 2).reshape(n, 16, 12)));
        }
    }
}
