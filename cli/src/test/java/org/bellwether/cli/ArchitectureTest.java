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
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.bellwether.storage.Storage;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The table of rooms, checked on the compiled classes.
class ArchitectureTest {
    private static final String HOUSE = "org.bellwether";
    private static final JavaClasses OURS = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(HOUSE);

    /// A room, which rooms it may use, and which packages from outside the house.
    private enum Room {
        API("api", "", JDK), RAFT("raft", "api", JDK), LOG("log", "raft api", JDK,
                "org.slf4j.."), STORAGE("storage", "api", JDK), TRANSPORT("transport", "raft api",
                        JDK, "org.slf4j.."), MACHINE("machine", "storage api", JDK), NODE("node",
                                "transport machine storage log raft api", JDK, "org.slf4j.."),
        /// A front end speaks only the api.
        HTTP("server.http", "api", JDK, "org.slf4j..", "io.netty..", "io.avaje.."), NET(
                "server.net", "node transport api raft", JDK, "org.slf4j..",
                "io.netty.."), SERVER("server",
                        "server.http server.net node transport machine storage log raft api", JDK,
                        "org.slf4j..", "io.netty..", "com.fasterxml.uuid.."), SIMULATION(
                                "simulation", "node transport machine storage log raft api", JDK,
                                "org.slf4j.."), CLI("cli", "server simulation api", JDK,
                                        "org.slf4j..", "picocli..", "io.avaje..");

        final String path;
        final String[] allowed;

        Room(String path, String rooms, String... outside) {
            this.path = path;
            var own = Stream.of(path);
            var others = Arrays.stream(rooms.split(" ")).filter(room -> !room.isEmpty());
            this.allowed = Stream.concat(
                    Stream.concat(own, others).map(Room::packagesOf),
                    Arrays.stream(outside)).toArray(String[]::new);
        }

        /// A room of one package, so that `server` is not `server.http`.
        static String packagesOf(String path) {
            return HOUSE + "." + path;
        }
    }

    private static final String JDK = "java..";
    private static final DescribedPredicate<JavaClass> ANNOTATIONS = resideInAnyPackage(
            "org.jspecify..");

    /// An importer that cannot read Java 25 finds nothing, and every rule below would pass.
    @Test
    void theClassesAreReallyRead() {
        assertTrue(OURS.size() > 100, "only " + OURS.size() + " classes");
        for (var room : Room.values()) {
            assertTrue(OURS.stream().anyMatch(in(room)), "no class in room " + room.path);
        }
    }

    @Test
    void everyPackageIsARoom() {
        var rooms = new TreeSet<String>();
        for (var room : Room.values()) {
            rooms.add(Room.packagesOf(room.path));
        }
        assertEquals(rooms, packages());
    }

    @ParameterizedTest
    @EnumSource
    void aRoomUsesOnlyWhatStandsBelowIt(Room room) {
        ArchRule rule = classes().that(describe("are in " + room.path, in(room)))
                .should().onlyDependOnClassesThat(resideInAnyPackage(room.allowed)
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
                HOUSE + ".node..", HOUSE + ".log..")
                .should().callMethodWhere(describe("makes a collection with a salted order",
                        call -> (call.getTargetOwner().isEquivalentTo(Set.class)
                                || call.getTargetOwner().isEquivalentTo(java.util.Map.class))
                                && (call.getName().equals("of") || call.getName().equals("copyOf")
                                        || call.getName().equals("ofEntries"))))
                .orShould().dependOnClassesThat(named(java.util.IdentityHashMap.class))
                .check(OURS);
    }

    @Test
    void onlyTheMachineChangesState() {
        noClasses().that(resideOutsideOfPackages(HOUSE + ".machine", HOUSE + ".storage"))
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
        return resideInAnyPackage(Room.packagesOf(room.path));
    }

    private static DescribedPredicate<JavaClass> named(Class<?>... types) {
        var names = Arrays.stream(types).map(Class::getName).toList();
        return describe("are one of " + names, type -> names.contains(type.getName()));
    }
}
