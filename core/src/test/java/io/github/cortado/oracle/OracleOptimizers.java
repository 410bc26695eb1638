package io.github.cortado.oracle;

import io.github.cortado.Tensor;
import io.github.cortado.optim.ASGD;
import io.github.cortado.optim.Adadelta;
import io.github.cortado.optim.Adagrad;
import io.github.cortado.optim.Adam;
import io.github.cortado.optim.AdamW;
import io.github.cortado.optim.Adamax;
import io.github.cortado.optim.NAdam;
import io.github.cortado.optim.Optimizer;
import io.github.cortado.optim.RAdam;
import io.github.cortado.optim.RMSprop;
import io.github.cortado.optim.Rprop;
import io.github.cortado.optim.SGD;
import java.util.List;

/** Optimizers by PyTorch's names and arguments. */
final class OracleOptimizers {
    private OracleOptimizers() {}

    static Optimizer of(String name, Attributes args, Tensor w) {
        List<Tensor> p = List.of(w);
        args.only("capturable", false);
        return switch (name) {
            case "ASGD" -> asgd(args, p);
            case "SGD" -> sgd(args, p);
            case "Adam", "AdamW" -> adam(args, p, name.equals("AdamW"));
            case "NAdam" -> nAdam(args, p);
            case "RAdam" -> rAdam(args, p);
            case "RMSprop" -> rmsProp(args, p);
            case "Rprop" -> rprop(args, p);
            case "Adagrad" -> adagrad(args, p);
            case "Adadelta" -> adadelta(args, p);
            case "Adamax" -> adamax(args, p);
            default -> throw new AssertionError("unknown optimizer " + name);
        };
    }

    private static ASGD asgd(Attributes args, List<Tensor> p) {
        ASGD asgd =
                new ASGD(p, args.number("lr", 1e-2))
                        .lambd(args.number("lambd", 1e-4))
                        .alpha(args.number("alpha", 0.75))
                        .t0(args.number("t0", 1e6))
                        .weightDecay(args.number("weight_decay", 0));
        return args.flag("maximize", false) ? asgd.maximize() : asgd;
    }

    private static SGD sgd(Attributes args, List<Tensor> p) {
        SGD sgd =
                new SGD(p, args.number("lr", 1e-3))
                        .momentum(args.number("momentum", 0))
                        .dampening(args.number("dampening", 0))
                        .weightDecay(args.number("weight_decay", 0));
        if (args.flag("nesterov", false)) {
            sgd.nesterov();
        }
        return args.flag("maximize", false) ? sgd.maximize() : sgd;
    }

    private static double[] betas(Attributes args) {
        return args.numbers("betas").orElse(new double[] {0.9, 0.999});
    }

    private static Adam adam(Attributes args, List<Tensor> p, boolean decoupled) {
        double lr = args.number("lr", 1e-3);
        double[] betas = betas(args);
        Adam adam =
                (decoupled ? new AdamW(p, lr) : new Adam(p, lr))
                        .betas(betas[0], betas[1])
                        .eps(args.number("eps", 1e-8))
                        .weightDecay(args.number("weight_decay", decoupled ? 0.01 : 0));
        if (args.flag("amsgrad", false)) {
            adam.amsgrad();
        }
        return args.flag("maximize", false) ? adam.maximize() : adam;
    }

    private static NAdam nAdam(Attributes args, List<Tensor> p) {
        double[] betas = betas(args);
        NAdam nAdam =
                new NAdam(p, args.number("lr", 2e-3))
                        .betas(betas[0], betas[1])
                        .eps(args.number("eps", 1e-8))
                        .weightDecay(args.number("weight_decay", 0))
                        .momentumDecay(args.number("momentum_decay", 4e-3));
        if (args.flag("decoupled_weight_decay", false)) {
            nAdam.decoupledWeightDecay();
        }
        return args.flag("maximize", false) ? nAdam.maximize() : nAdam;
    }

    private static RAdam rAdam(Attributes args, List<Tensor> p) {
        double[] betas = betas(args);
        RAdam rAdam =
                new RAdam(p, args.number("lr", 1e-3))
                        .betas(betas[0], betas[1])
                        .eps(args.number("eps", 1e-8))
                        .weightDecay(args.number("weight_decay", 0));
        if (args.flag("decoupled_weight_decay", false)) {
            rAdam.decoupledWeightDecay();
        }
        return args.flag("maximize", false) ? rAdam.maximize() : rAdam;
    }

    private static RMSprop rmsProp(Attributes args, List<Tensor> p) {
        RMSprop rmsProp =
                new RMSprop(p, args.number("lr", 1e-2))
                        .alpha(args.number("alpha", 0.99))
                        .eps(args.number("eps", 1e-8))
                        .weightDecay(args.number("weight_decay", 0))
                        .momentum(args.number("momentum", 0));
        if (args.flag("centered", false)) {
            rmsProp.centered();
        }
        return args.flag("maximize", false) ? rmsProp.maximize() : rmsProp;
    }

    private static Rprop rprop(Attributes args, List<Tensor> p) {
        double[] etas = args.numbers("etas").orElse(new double[] {0.5, 1.2});
        double[] sizes = args.numbers("step_sizes").orElse(new double[] {1e-6, 50});
        Rprop rprop =
                new Rprop(p, args.number("lr", 1e-2))
                        .etas(etas[0], etas[1])
                        .stepSizes(sizes[0], sizes[1]);
        return args.flag("maximize", false) ? rprop.maximize() : rprop;
    }

    private static Adagrad adagrad(Attributes args, List<Tensor> p) {
        Adagrad adagrad =
                new Adagrad(p, args.number("lr", 1e-2))
                        .eps(args.number("eps", 1e-10))
                        .weightDecay(args.number("weight_decay", 0))
                        .lrDecay(args.number("lr_decay", 0));
        return args.flag("maximize", false) ? adagrad.maximize() : adagrad;
    }

    private static Adadelta adadelta(Attributes args, List<Tensor> p) {
        Adadelta adadelta =
                new Adadelta(p, args.number("lr", 1))
                        .rho(args.number("rho", 0.9))
                        .eps(args.number("eps", 1e-6))
                        .weightDecay(args.number("weight_decay", 0));
        return args.flag("maximize", false) ? adadelta.maximize() : adadelta;
    }

    private static Adamax adamax(Attributes args, List<Tensor> p) {
        double[] betas = betas(args);
        Adamax adamax =
                new Adamax(p, args.number("lr", 2e-3))
                        .betas(betas[0], betas[1])
                        .eps(args.number("eps", 1e-8))
                        .weightDecay(args.number("weight_decay", 0));
        return args.flag("maximize", false) ? adamax.maximize() : adamax;
    }
}
