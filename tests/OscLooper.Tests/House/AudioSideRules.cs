using System.Reflection;
using System.Runtime.InteropServices;
using OscLooper.Server.Audio;
using OscLooper.Server.Realtime;

namespace OscLooper.Tests.House;

/// <summary>The realtime law, read off the compiled code.</summary>
public class AudioSideRules
{
    const BindingFlags Any = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    // Every DLL of Ours beside the tests: the server, the contract and all modules. The tests' own modules break the law on purpose.
    internal static readonly Assembly[] Ours = [.. Directory.GetFiles(AppContext.BaseDirectory, "OscLooper.*.dll").Select(Path.GetFileNameWithoutExtension)
        .Where(name => !name!.Contains("Test")).Select(name => Assembly.Load(name!))];

    internal static IEnumerable<MethodBase> Roots()
    {
        foreach (var type in Ours.SelectMany(a => a.GetTypes()).Where(t => t is { IsClass: true, IsAbstract: false }))
        {
            if (type.IsSubclassOf(typeof(OscLooper.Module)))
                foreach (var method in type.GetMethods(Any).Where(m => m.Name is "Handle" or "Process" or "get_IsIdle" && m.GetBaseDefinition().DeclaringType == typeof(OscLooper.Module)))
                    yield return method;
            if (typeof(ISelfCutting).IsAssignableFrom(type)) yield return type.GetInterfaceMap(typeof(ISelfCutting)).TargetMethods[0];
        }
        yield return typeof(Engine).GetMethod(nameof(Engine.Process))!;
        yield return typeof(JackDriver).GetMethod("Process", Any)!;
        yield return typeof(PortAudioDriver).GetMethod("PlayBlock", Any)!;
    }

    [Test]
    public void Nothing_on_the_audio_side_allocates_locks_throws_or_waits()
    {
        var law = new AudioSideLaw(Ours);
        var offences = law.Offences(Roots());
        TestContext.Out.WriteLine($"{Roots().Count()} entries, {law.MethodsRead} methods of {Ours.Length} assemblies");
        Assert.That(offences, Is.Empty, string.Join("\n", offences));
        Assert.That(law.MethodsRead, Is.GreaterThan(150), "the walk must reach the modules");
    }

    [TestCase(nameof(Planted.Array), "new Single[]")]
    [TestCase(nameof(Planted.Boxes), "box Int32")]
    [TestCase(nameof(Planted.Creates), "new List`1")]
    [TestCase(nameof(Planted.Closes), "new Func`2")]
    [TestCase(nameof(Planted.Throws), "throw")]
    [TestCase(nameof(Planted.Locks), "calls Monitor.Enter")]
    [TestCase(nameof(Planted.LocksAnew), "calls Lock.EnterScope")]
    [TestCase(nameof(Planted.Speaks), "a string")]
    [TestCase(nameof(Planted.Prints), "calls Console.WriteLine")]
    [TestCase(nameof(Planted.Sleeps), "calls Thread.Sleep")]
    [TestCase(nameof(Planted.Leaves), "native Planted.getpid")]
    [TestCase(nameof(Planted.Points), "calls a function pointer")]
    [TestCase(nameof(Planted.Invokes), "calls Action.Invoke")]
    [TestCase(nameof(Planted.Waits), "calls Planted.TakeOnWorker")]
    [TestCase(nameof(Planted.Hides), "Hidden.Do: new Object")]
    [TestCase(nameof(Planted.HidesDeeper), "Hidden.Do: new Object")]
    public void A_planted_offence_is_found_by_name(string method, string expected)
    {
        var law = new AudioSideLaw([typeof(AudioSideRules).Assembly]);
        var found = law.Offences([typeof(Planted).GetMethod(method, Any)!]);
        Assert.That(found, Has.Some.Contains(expected));
    }

    [Test]
    public void What_is_harmless_is_not_named() =>
        Assert.That(new AudioSideLaw([typeof(AudioSideRules).Assembly]).Offences([typeof(Planted).GetMethod(nameof(Planted.Behaves), Any)!]), Is.Empty);
}

interface IPlanted
{
    void Do();
}

abstract class Plain
{
    internal abstract void Do();
}

sealed class Hidden : Plain, IPlanted
{
    internal object? Kept;
    internal override void Do() => Kept = new object();
    void IPlanted.Do() => Do();
}

/// <summary>One offence each.</summary>
static unsafe partial class Planted
{
    static object? kept;
    static int number;
    static readonly object gate = new();
    static readonly Lock lockGate = new();
    static readonly Action act = () => { };

    internal static void Array() => kept = new float[4];
    internal static void Boxes() => kept = number;
    internal static void Creates() => kept = new List<int>();
    internal static void Closes() => kept = (Func<int, int>)(x => x + number);
    internal static void Throws() => throw (Exception)kept!;
    internal static void Locks()
    {
        lock (gate) number++;
    }
    internal static void LocksAnew()
    {
        lock (lockGate) number++;
    }
    internal static void Speaks() => kept = "a";
    internal static void Prints() => Console.WriteLine(number);
    internal static void Sleeps() => Thread.Sleep(number);
    internal static void Leaves() => number = getpid();
    internal static void Points(nint pointer) => number = ((delegate* unmanaged<int>)pointer)();
    [AudioSafe] static int PointsSafely(nint pointer) => ((delegate* unmanaged<int>)pointer)();
    internal static void Invokes() => act.Invoke();
    internal static void Waits() => TakeOnWorker();
    static void TakeOnWorker() => number++;
    internal static void Hides() => ((Plain)kept!).Do();
    internal static void HidesDeeper() => ((IPlanted)kept!).Do();
    internal static double Behaves(float* from, int count)
    {
        var sum = 0.0;
        foreach (var x in new ReadOnlySpan<float>(from, count)) sum += Math.Abs(x);
        Interlocked.Increment(ref number);
        number = getppid() + PointsSafely(number);
        return Math.Sqrt(sum);
    }

    [LibraryImport("libc")] private static partial int getpid();
    [LibraryImport("libc"), AudioSafe] private static partial int getppid();
}
