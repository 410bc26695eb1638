package io.github.cortado.backend;

/**
 * One call of one method of {@link Backend}.
 *
 * @param terms how many numbers are added up for one element of the result; the tolerance grows
 *     with it
 */
record ContractCase(String method, String title, int terms, Call call) {
    /** Makes the buffers and calls the method. */
    @FunctionalInterface
    interface Call {
        void run(Backend backend, ContractRun buffers);
    }

    @Override
    public String toString() {
        return method + " " + title;
    }
}
