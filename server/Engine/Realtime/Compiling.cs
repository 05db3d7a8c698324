using System.Reflection;
using System.Runtime.CompilerServices;

namespace OscLooper.Server.Realtime;

/// <summary>[any] Compiles what the audio side may call before a device calls it, on threads beside main, so that the server is ready the sooner.</summary>
static class Compiling
{
    // Weak: an assembly that is unloaded takes its entry along. (Not the thread itself: one that was finalized with its assembly can still be
    // found here, and would say that it was never started.)
    static readonly ConditionalWeakTable<Assembly, ManualResetEventSlim> begun = [];

    /// <summary>[any] Begins with the engine.</summary>
    public static void BeginWithOwn() => Begin(typeof(Engine).Assembly);

    /// <summary>[any] Begins with the assembly of a module that hears or sounds.</summary>
    public static void Begin(Module module)
    {
        var type = module.GetType();
        if (type.Assembly != typeof(Engine).Assembly && (Overrides(type, nameof(Module.Process)) || Overrides(type, nameof(Module.Handle)))) Begin(type.Assembly);
    }

    // Whoever hangs where his statics are made lets nobody wait for ever.
    const int MostMilliseconds = 4_000;

    static long compiled;

    /// <summary>[any] Waits until all that has been begun is compiled; a module that is loaded while others play waits only so long.</summary>
    public static void Finish()
    {
        // Waited for once: whoever is loaded later does not wait for it again.
        foreach (var (_, done) in begun)
            if (!done.Wait(MostMilliseconds)) done.Set();
    }

    /// <summary>[main] Before anything plays: the same, but as long as it goes on, however busy the machine is.</summary>
    public static void FinishAll()
    {
        foreach (var (_, done) in begun)
            for (var seen = Volatile.Read(ref compiled); !done.Wait(MostMilliseconds); seen = Volatile.Read(ref compiled))
                if (Volatile.Read(ref compiled) == seen) done.Set();
    }

    static bool Overrides(Type type, string method) =>
        type.GetMethods().Any(m => m.Name == method && m.DeclaringType != typeof(Module) && m.GetBaseDefinition().DeclaringType == typeof(Module));

    static void Begin(Assembly assembly) => begun.GetValue(assembly, a =>
    {
        var done = new ManualResetEventSlim();
        new Thread(() =>
        {
            try { Compile(a); }
            finally { done.Set(); }
        }) { Name = $"compiling {a.GetName().Name}", IsBackground = true }.Start();
        return done;
    });

    // A slow first tier, which the program switches off, compiles nothing into its callers.
    static readonly bool hasFirstTier = !AppContext.TryGetSwitch("System.Runtime.TieredCompilation.QuickJit", out var isOn) || isOn;

    // Compiled into whoever calls it: what wants to be, and what is as short as a getter.
    static bool IsInlined(MethodBase method, int bytes) =>
        !hasFirstTier && !method.IsVirtual && (bytes <= 8 || (method.MethodImplementationFlags & MethodImplAttributes.AggressiveInlining) != 0);

    static void Compile(Assembly assembly)
    {
        AudioReach reach;
        try
        {
            reach = new AudioReach(assembly);
        }
        catch (Exception)
        {
            // A stranger's DLL of which parts are missing: what fails, fails when it is called.
            return;
        }
        foreach (var method in reach.Methods)
        {
            Try(() => Compile(method));
            Interlocked.Increment(ref compiled);
        }
        // What is made once for a type is made now.
        foreach (var type in reach.Types)
            if (type.TypeInitializer is not null) Try(() => RuntimeHelpers.RunClassConstructor(type.TypeHandle));
    }

    static void Compile(MethodBase method)
    {
        if (method.IsAbstract || method.GetMethodBody()?.GetILAsByteArray() is not { } body || IsInlined(method, body.Length)) return;
        Type[] arguments = [.. method.DeclaringType!.GetGenericArguments(), .. method.IsGenericMethod ? method.GetGenericArguments() : []];
        RuntimeHelpers.PrepareMethod(method.MethodHandle, [.. arguments.Select(a => a.TypeHandle)]);
    }

    // Whoever needs what cannot be compiled or made will be told.
    static void Try(Action action)
    {
        try
        {
            action();
        }
        catch (Exception)
        {
        }
    }
}
