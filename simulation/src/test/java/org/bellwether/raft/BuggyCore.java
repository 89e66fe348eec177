package org.bellwether.raft;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.bellwether.api.NodeId;
import org.bellwether.log.Recovered;

/// Cores with one rule of Raft broken each, to see whether simulation notices.
public final class BuggyCore {
    private BuggyCore() {}

    private abstract static class Standard extends Raft {
        Standard(NodeId self, RaftConfig config, Dice dice, Recovered recovered) {
            super(self, config, dice, recovered.ballot(), recovered.base(),
                    recovered.termStarts(), recovered.last(), recovered.commitIndex(),
                    recovered.tail(),
                    recovered.memberships());
        }
    }

    /// Some of what must wait for the disk leaves at once.
    private static Effects hurried(Effects effects, Predicate<Message> which) {
        var now = new ArrayList<>(effects.sendNow());
        var later = new ArrayList<Envelope>();
        for (var envelope : effects.sendWhenSynced())
            (which.test(envelope.message()) ? now : later).add(envelope);
        return sending(effects, List.copyOf(now), List.copyOf(later));
    }

    private static Effects sending(Effects effects, List<Envelope> now, List<Envelope> whenSynced) {
        return new Effects(now, effects.persist(), whenSynced, effects.committed(),
                effects.readableThrough(), effects.fetch(), effects.appended(),
                effects.snapshotFrom());
    }

    /// A follower acknowledges entries before its disk has them.
    public static Raft acksBeforeSync(NodeId self, RaftConfig config, Dice dice,
            Recovered recovered) {
        return new Standard(self, config, dice, recovered) {
            @Override
            Effects effects(Effects effects) {
                return hurried(effects, message -> message instanceof Message.AppendAck);
            }
        };
    }

    /// A vote is given before it is kept.
    public static Raft votesBeforeSync(NodeId self, RaftConfig config, Dice dice,
            Recovered recovered) {
        return new Standard(self, config, dice, recovered) {
            @Override
            Effects effects(Effects effects) {
                return hurried(effects, message -> message instanceof Message.VoteReply);
            }
        };
    }

    /// A candidate asks for votes before its own vote is kept.
    public static Raft asksBeforeSync(NodeId self, RaftConfig config, Dice dice,
            Recovered recovered) {
        return new Standard(self, config, dice, recovered) {
            @Override
            Effects effects(Effects effects) {
                return hurried(effects, message -> message instanceof Message.VoteRequest);
            }
        };
    }

    /// A leader counts the copies of learners as if they voted.
    public static Raft countsLearners(NodeId self, RaftConfig config, Dice dice,
            Recovered recovered) {
        return new Standard(self, config, dice, recovered) {
            @Override
            long majorityMatched(Leader leader) {
                long[] reached = membership().members().stream()
                        .mapToLong(member -> member.id().equals(self)
                                ? syncedIndex()
                                : leader.matchOf(member.id()))
                        .sorted().toArray();
                return reached[reached.length - electorate().majority()];
            }
        };
    }

    /// A leader changes the list of nodes while the last change is not committed.
    public static Raft changesListsAtOnce(NodeId self, RaftConfig config, Dice dice,
            Recovered recovered) {
        return new Standard(self, config, dice, recovered) {
            @Override
            public boolean membershipIsCommitted() {
                return leads() || super.membershipIsCommitted();
            }
        };
    }

    /// A learner stands for election like a voter.
    public static Raft campaignsAsLearner(NodeId self, RaftConfig config, Dice dice,
            Recovered recovered) {
        return new Standard(self, config, dice, recovered) {
            @Override
            boolean mayCampaign() {
                return true;
            }
        };
    }

    /// A leader takes for committed whatever its own disk has.
    public static Raft commitsAlone(NodeId self, RaftConfig config, Dice dice,
            Recovered recovered) {
        return new Standard(self, config, dice, recovered) {
            @Override
            long majorityMatched(Leader leader) {
                return syncedIndex();
            }
        };
    }

    /// A leader counts its own copy before its disk has it.
    public static Raft countsUnsyncedOwnCopy(NodeId self, RaftConfig config, Dice dice,
            Recovered recovered) {
        return new Standard(self, config, dice, recovered) {
            @Override
            long majorityMatched(Leader leader) {
                return electorate().majorityOf(id -> id.equals(self)
                        ? last().index()
                        : leader.matchOf(id));
            }
        };
    }

    /// Raft §5.4.2 left out: entries of older terms are committed by counting copies.
    public static Raft commitsOldTerms(NodeId self, RaftConfig config, Dice dice,
            Recovered recovered) {
        return new Standard(self, config, dice, recovered) {
            @Override
            boolean mayCommit(long index) {
                return true;
            }
        };
    }

    /// A leader that hands over goes on by the lease that it had.
    public static Raft keepsLeaseInTransfer(NodeId self, RaftConfig config, Dice dice,
            Recovered recovered) {
        return new Standard(self, config, dice, recovered) {
            private long term;
            private long held;

            @Override
            public long leaseRound() {
                if (term != term() || !leads()) held = 0;
                term = term();
                held = Math.max(held, super.leaseRound());
                return held;
            }
        };
    }

    /// A voter helps the next leader into office as soon as it may, and forgets that the last one may still be serving in the
    /// trust that it does not.
    public static Raft forgetsLeasePromise(NodeId self, RaftConfig config, Dice dice,
            Recovered recovered) {
        return new Standard(self, config, dice, recovered) {
            @Override
            int boundTicksLeft() {
                return 0;
            }
        };
    }

    /// A leader does not believe that a follower lacks what it had acknowledged.
    public static Raft trustsWhatWasAcknowledged(NodeId self, RaftConfig config, Dice dice,
            Recovered recovered) {
        return new Standard(self, config, dice, recovered) {
            @Override
            void received(NodeId from, Message message) {
                super.received(from, message instanceof Message.AppendReject reject
                        ? believed(from, reject)
                        : message);
            }

            private Message believed(NodeId from, Message.AppendReject reject) {
                var follower = report(from);
                if (follower == null || reject.hint().index() >= follower.matchIndex())
                    return reject;
                long matched = follower.matchIndex();
                if (matched < base().index()) return reject;
                return new Message.AppendReject(reject.term(), reject.previous(),
                        new Position(termAt(matched), matched));
            }
        };
    }

    /// A replica that repeats a question takes no answer to an earlier copy of it.
    public static Raft asksAnew(NodeId self, RaftConfig config, Dice dice,
            Recovered recovered) {
        return new Standard(self, config, dice, recovered) {
            private long copies;
            private long asked;

            @Override
            Effects effects(Effects effects) {
                return sending(effects, effects.sendNow().stream().map(this::numbered).toList(),
                        effects.sendWhenSynced());
            }

            private Envelope numbered(Envelope envelope) {
                if (!(envelope.message() instanceof Message.ReadRequest request)) return envelope;
                asked = request.ticket();
                return new Envelope(envelope.to(),
                        new Message.ReadRequest(request.term(), ++copies));
            }

            @Override
            void received(NodeId from, Message message) {
                if (!(message instanceof Message.ReadReply reply))
                    super.received(from, message);
                else if (reply.ticket() == copies)
                    super.received(from,
                            new Message.ReadReply(reply.term(), asked, reply.index()));
            }
        };
    }

    /// A leader answers linearizable reads without asking whether it still leads.
    public static Raft readsWithoutRound(NodeId self, RaftConfig config, Dice dice,
            Recovered recovered) {
        return new Standard(self, config, dice, recovered) {
            @Override
            Effects effects(Effects effects) {
                if (!leads()) return effects;
                return new Effects(effects.sendNow(), effects.persist(), effects.sendWhenSynced(),
                        effects.committed(),
                        Math.max(effects.readableThrough(), reads.newest()), effects.fetch(),
                        effects.appended(), effects.snapshotFrom());
            }
        };
    }
}
