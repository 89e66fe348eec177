package org.bellwether.server.resp;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.bellwether.api.Command;
import org.bellwether.api.Condition;
import org.bellwether.api.Limits;
import org.bellwether.api.Outcome;
import org.bellwether.api.Read;
import org.bellwether.api.Refusal;
import org.bellwether.api.Result;
import org.bellwether.api.Step;
import org.bellwether.api.Versioned;
import org.bellwether.api.Watch;
import org.jspecify.annotations.Nullable;

/// `EXEC`: what was queued, as one command of the store, and the reply that has one reply for each of it. What does not
/// concern the store is answered when the reply is written, in its place.
final class Execution implements Shape {
    /// What is known of one queued command before the store has answered.
    private sealed interface Part {
        /// The next step of the transaction.
        record Asked(Shape shape) implements Part {}

        record Said(Action.Answer answer, Arguments arguments) implements Part {}

        record Failed(String error) implements Part {}
    }

    private static final String NO_ROOM = "ERR the replies before this one take more than "
            + Limits.RESP_REPLY_BYTES_MAX + " bytes; nothing was done";

    private final Session session;
    private final List<Part> parts = new ArrayList<>();
    private final List<Step> steps = new ArrayList<>();

    private Execution(Session session, List<Call> queued) {
        this.session = session;
        for (var call : queued)
            parts.add(part(call));
    }

    static void start(Call call) {
        var session = call.session();
        var multi = session.multi();
        if (!multi.isOpen()) throw new CommandError("ERR EXEC without MULTI");
        var watches = multi.watches();
        new Execution(session, multi.take()).ask(call, watches);
    }

    private Part part(Call queued) {
        try {
            return switch (queued.action()) {
                case Action.Reads(var plan) -> asked(plan.make(session, queued.arguments()));
                case Action.Writes(var plan, var _) ->
                    asked(plan.make(session, queued.arguments()));
                case Action.AtOnce(var answer) -> new Part.Said(answer, queued.arguments());
                case Action.Alone(var _, var within) -> new Part.Said(
                        Objects.requireNonNull(within), queued.arguments());
            };
        } catch (CommandError refused) {
            return new Part.Failed(refused.reply());
        }
    }

    private Part asked(Plan plan) {
        steps.add(plan.step());
        return new Part.Asked(plan.shape());
    }

    private void ask(Call call, List<Watch> watches) {
        if (steps.isEmpty() && watches.isEmpty()) {
            call.answer(out -> write(List.of(), out));
            return;
        }
        // Also a transaction of nothing fails if what it watches has changed.
        if (steps.isEmpty()) steps.add(new Read.Size());
        call.write(new Command.Transaction(watches, steps), this);
    }

    /// What the machine gives back of a transaction, and one value more.
    @Override
    public long valueBytesMax(Limits limits) {
        long bytes = 0;
        for (var step : steps)
            bytes += valuesMax(step) * (long) limits.valueBytesMax();
        return Math.min(bytes, (long) Limits.ANSWER_BYTES_MAX + limits.valueBytesMax());
    }

    /// How many values the answer to one step may hold; also a condition that does not hold says what is there.
    private static int valuesMax(Step step) {
        return switch (step) {
            case Read.Get _ -> 1;
            case Read.GetMany(var keys) -> keys.size();
            case Read.Count _, Read.Size _, Command.Clear _ -> 0;
            case Command.Put put -> put.givesBack() || isConditional(put.condition()) ? 1 : 0;
            case Command.Delete delete ->
                delete.givesBack() || isConditional(delete.condition()) ? 1 : 0;
            case Command.Edit edit -> isConditional(edit.condition()) ? 1 : 0;
            case Command.Expire expire -> expire.givesBack() ? 1 : 0;
            case Command.Batch _, Command.Rename _, Command.Copy _ -> 1;
        };
    }

    private static boolean isConditional(Condition condition) {
        return !condition.equals(Condition.ALWAYS);
    }

    @Override
    public void applied(Result result, RespWriter out) {
        write(((Result.Steps) result).outcomes(), out);
    }

    @Override
    public void conditionFailed(@Nullable Versioned current, RespWriter out) {
        out.nullArray();
    }

    private void write(List<Outcome> outcomes, RespWriter out) {
        var next = outcomes.iterator();
        int start = out.pendingBytes();
        out.array(parts.size());
        for (var part : parts) {
            switch (part) {
                case Part.Asked(var shape) -> write(shape, next.next(), out);
                case Part.Said said -> {
                    // A few bytes each ask for a hundred kilobytes, and all are written in one turn.
                    if (out.pendingBytes() - start > Limits.RESP_REPLY_BYTES_MAX) {
                        out.error(NO_ROOM);
                    } else {
                        write(said, out);
                    }
                }
                case Part.Failed(var error) -> out.error(error);
            }
        }
    }

    private void write(Part.Said said, RespWriter out) {
        try {
            said.answer.give(session, said.arguments, out);
        } catch (CommandError refused) {
            out.error(refused.reply());
        }
    }

    private static void write(Shape shape, Outcome outcome, RespWriter out) {
        switch (outcome) {
            case Outcome.Applied(var result, var _) -> shape.applied(result, out);
            case Outcome.Refused(Refusal.ConditionFailed(var current, var _)) ->
                shape.conditionFailed(current, out);
            default -> out.error(OutcomeErrors.of(outcome));
        }
    }
}
