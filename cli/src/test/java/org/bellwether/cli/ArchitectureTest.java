package org.bellwether.cli;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall.Predicates;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.bellwether.storage.Storage;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/// The table of rooms, checked on the compiled classes.
class ArchitectureTest {
    private static final String HOUSE = "org.bellwether";
    private static final JavaClasses OURS = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(HOUSE);

    private static final String JDK = "java..";
    private static final String SLF4J = "org.slf4j..";
    private static final String NETTY = "io.netty..";

    /// From the ground up: a room, which rooms it may use, and which packages from outside the house.
    static final List<Room> ROOMS = List.of(
            room("api").outside(JDK),
            room("raft").uses("api").outside(JDK),
            room("disk").outside(JDK),
            room("log").uses("disk", "raft", "api").outside(JDK, SLF4J),
            room("storage").uses("disk", "api").outside(JDK),
            room("storage.rocksdb").uses("storage", "api").outside(JDK, "org.rocksdb.."),
            room("machine").uses("storage", "api").outside(JDK),
            room("transport").uses("raft", "storage", "api").outside(JDK, SLF4J),
            room("node").uses("transport", "machine", "storage", "log", "raft", "api")
                    .outside(JDK, SLF4J),
            // A front end speaks only the api.
            room("server.clients").outside(JDK, SLF4J),
            room("server.http").uses("server.clients", "api")
                    .outside(JDK, SLF4J, NETTY, "io.avaje.."),
            room("server.resp").uses("server.clients", "api").outside(JDK, SLF4J, NETTY),
            room("server.loop").uses("node").outside(JDK, SLF4J, NETTY),
            room("server.transport").uses("server.loop", "transport", "log", "api")
                    .outside(JDK, SLF4J, NETTY),
            room("server")
                    .uses("server.http", "server.resp", "server.loop", "server.transport", "node",
                            "transport",
                            "storage", "storage.rocksdb", "log", "disk", "raft", "api")
                    .outside(JDK, SLF4J, NETTY, "com.fasterxml.uuid.."),
            room("simulation.history").outside(JDK),
            room("simulation").uses("simulation.history", "node", "transport", "machine",
                    "storage", "log", "disk", "raft", "api").outside(JDK, SLF4J),
            room("cli").uses("server", "simulation", "api")
                    .outside(JDK, SLF4J, "picocli..", "io.avaje.."));

    /// One package, without those below it, and the packages its classes may depend on.
    record Room(String name, List<String> allowed) {
        Room uses(String... rooms) {
            return with(Arrays.stream(rooms).map(Room::packageOf));
        }

        Room outside(String... packages) {
            return with(Arrays.stream(packages));
        }

        private Room with(Stream<String> more) {
            return new Room(name, Stream.concat(allowed.stream(), more).toList());
        }

        static String packageOf(String name) {
            return HOUSE + "." + name;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static Room room(String name) {
        return new Room(name, List.of(Room.packageOf(name)));
    }

    private static final DescribedPredicate<JavaClass> ANNOTATIONS = resideInAnyPackage(
            "org.jspecify..");

    /// An importer that cannot read Java 25 finds nothing, and every rule below would pass.
    @Test
    void theClassesAreReallyRead() {
        assertTrue(OURS.size() > 100, "only " + OURS.size() + " classes");
        for (var room : ROOMS) {
            assertTrue(OURS.stream().anyMatch(in(room)), "no class in room " + room.name());
        }
    }

    @Test
    void everyPackageIsARoom() {
        var rooms = new TreeSet<String>();
        for (var room : ROOMS) {
            rooms.add(Room.packageOf(room.name()));
        }
        assertEquals(rooms, packages());
    }

    @ParameterizedTest
    @FieldSource("ROOMS")
    void aRoomUsesOnlyWhatStandsBelowIt(Room room) {
        ArchRule rule = classes().that(describe("are in " + room.name(), in(room)))
                .should().onlyDependOnClassesThat(resideInAnyPackage(
                        room.allowed().toArray(String[]::new))
                        .or(ANNOTATIONS).or(describe("arrays of primitives", type -> type
                                .getBaseComponentType().isPrimitive())));
        rule.check(OURS);
    }

    @Test
    void raftAndMachineNeverMeet() {
        noClasses().that().resideInAPackage(HOUSE + ".raft..").should().dependOnClassesThat()
                .resideInAPackage(HOUSE + ".machine..").check(OURS);
        noClasses().that().resideInAPackage(HOUSE + ".machine..").should().dependOnClassesThat()
                .resideInAPackage(HOUSE + ".raft..").check(OURS);
    }

    @Test
    void roomsHaveNoCycles() {
        slices().matching(HOUSE + ".(**)").should().beFreeOfCycles().check(OURS);
    }

    /// What decides is a function of its inputs: the same events give the same run, in any JVM.
    @Test
    void whatDecidesHasNoClockThreadChanceOrFile() {
        var pure = noClasses().that().resideInAnyPackage(HOUSE + ".raft..", HOUSE + ".machine..");
        pure.should().dependOnClassesThat(resideInAnyPackage("java.util.concurrent..",
                "java.util.random..", "java.security..", "java.nio.file..", "java.nio.channels..",
                "java.net..", "java.util.logging..", "org.slf4j..")).check(OURS);
        pure.should().dependOnClassesThat(resideInAnyPackage("java.time..")
                .and(named(java.time.Duration.class).negate())).check(OURS);
        pure.should().dependOnClassesThat(named(java.util.Random.class, java.util.Timer.class,
                Thread.class, ThreadLocal.class, Runtime.class, ProcessHandle.class)).check(OURS);
        pure.should().dependOnClassesThat(resideInAnyPackage("java.io..").and(
                named(java.io.ByteArrayInputStream.class, java.io.ByteArrayOutputStream.class,
                        java.io.DataInputStream.class, java.io.DataOutputStream.class,
                        java.io.InputStream.class, java.io.OutputStream.class,
                        java.io.IOException.class, java.io.UncheckedIOException.class,
                        java.io.Serializable.class).negate()))
                .check(OURS);
        pure.should().callMethodWhere(describe("reads a clock or an identity",
                call -> call.getTargetOwner().isEquivalentTo(System.class)
                        && !call.getName().equals("arraycopy")))
                .check(OURS);
        pure.should().callMethodWhere(describe("rolls dice of its own",
                call -> call.getTargetOwner().isEquivalentTo(Math.class)
                        && call.getName().equals("random")
                        || call.getTargetOwner().isEquivalentTo(java.util.UUID.class)
                                && call.getName().equals("randomUUID")))
                .check(OURS);
    }

    /// Their order differs between two runs of the same program.
    @Test
    void coreIteratesInNoSaltedOrder() {
        noClasses().that().resideInAnyPackage(HOUSE + ".raft..", HOUSE + ".machine..",
                HOUSE + ".node..", HOUSE + ".log..", HOUSE + ".storage")
                .should().callMethodWhere(describe("makes a collection with a salted order",
                        call -> (call.getTargetOwner().isEquivalentTo(Set.class)
                                || call.getTargetOwner().isEquivalentTo(java.util.Map.class))
                                && (call.getName().equals("of") || call.getName().equals("copyOf")
                                        || call.getName().equals("ofEntries"))))
                .orShould().dependOnClassesThat(named(java.util.IdentityHashMap.class))
                .check(OURS);
    }

    /// The simulation stands between machine and storage, to watch.
    @Test
    void onlyTheMachineChangesState() {
        noClasses().that(resideOutsideOfPackages(HOUSE + ".machine", HOUSE + ".storage",
                HOUSE + ".simulation"))
                .should().callMethodWhere(Predicates.target(describe("Storage.commit",
                        target -> target.getName().equals("commit")
                                && target.getOwner().isAssignableTo(Storage.class))))
                .check(OURS);
    }

    @Test
    void everyPackageIsNullMarked() throws ClassNotFoundException {
        for (var name : packages()) {
            var info = Class.forName(name + ".package-info");
            assertTrue(info.isAnnotationPresent(NullMarked.class), name + " is not null-marked");
        }
    }

    private static Set<String> packages() {
        var packages = new TreeSet<String>();
        for (var each : OURS) {
            packages.add(each.getPackageName());
        }
        return packages;
    }

    private static DescribedPredicate<JavaClass> in(Room room) {
        return resideInAnyPackage(Room.packageOf(room.name()));
    }

    private static DescribedPredicate<JavaClass> named(Class<?>... types) {
        var names = Arrays.stream(types).map(Class::getName).toList();
        return describe("are one of " + names, type -> names.contains(type.getName()));
    }
}
