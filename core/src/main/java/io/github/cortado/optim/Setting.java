package io.github.cortado.optim;

/** The numbers that optimizers and their groups are set by. */
enum Setting {
    LR("learning rate", false),
    WEIGHT_DECAY("weight decay", false),
    MOMENTUM("momentum", true),
    DAMPENING("dampening", true),
    BETA1("beta1", true),
    BETA2("beta2", true),
    EPS("eps", false),
    ALPHA("alpha", true),
    RHO("rho", true),
    MOMENTUM_DECAY("momentum decay", false),
    LR_DECAY("learning rate decay", false);

    private final String text;
    private final boolean isFraction;

    Setting(String text, boolean isFraction) {
        this.text = text;
        this.isFraction = isFraction;
    }

    /** What people call it. */
    String text() {
        return text;
    }

    /**
     * The value, if it may be one.
     *
     * @param owner whose it is, for the message
     * @throws IllegalArgumentException if it is not a finite number from 0 up, below 1 for a share
     */
    double checked(String owner, double value) {
        double end = isFraction ? 1 : Double.POSITIVE_INFINITY;
        if (!(value >= 0 && value < end)) {
            throw new IllegalArgumentException(
                    owner
                            + ": "
                            + text
                            + (isFraction
                                    ? " must be from 0 to below 1, got "
                                    : " must be a number from 0 up, got ")
                            + value);
        }
        return value;
    }
}
