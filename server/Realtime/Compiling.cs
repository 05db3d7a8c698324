using System.Reflection;
using System.Runtime.CompilerServices;
using OscLooper.Dsp;

namespace OscLooper.Server.Realtime;

/// <summary>[any] Compiles what the audio side may call before a device calls it, on threads beside main, so that the server is ready the sooner.</summary>
static class Compiling
{
    // Weak: an assembly that is unloaded takes its entry along. (Not the thread itself: one that was finalized with its assembly can still be
    // found here, and would say that it was never started.)
    static readonly ConditionalWeakTable<Assembly, ManualResetEventSlim> begun = [];

    /// <summary>[any] Begins with the contract, the sound arithmetic and the engine.</summary>
    public static void BeginWithOwn()
    {
        Begin(typeof(Mix).Assembly, _ => true);
        Begin(typeof(Engine).Assembly, type => type.Namespace is "OscLooper.Server.Realtime" or "OscLooper.Server.Audio" or "OscLooper.Server.Midi" or "OscLooper.Server.Realm.Isolation");
        Begin(typeof(Module).Assembly, _ => true);
    }

    /// <summary>[any] Begins with the assembly of a module that hears or sounds.</summary>
    public static void Begin(Module module)
    {
        var type = module.GetType();
        if (type.Assembly != typeof(Engine).Assembly && (Overrides(type, nameof(Module.Process)) || Overrides(type, nameof(Module.Handle)))) Begin(type.Assembly, _ => true);
    }

    /// <summary>[any] Waits until all that has been begun is compiled.</summary>
    public static void Finish()
    {
        foreach (var (_, done) in begun) done.Wait();
    }

    static bool Overrides(Type type, string method) => 
        type.GetMethods().Any(m => m.Name == method && m.DeclaringType != typeof(Module) && m.GetBaseDefinition().DeclaringType == typeof(Module));

    static void Begin(Assembly assembly, Func<Type, bool> some) => begun.GetValue(assembly, a =>
    {
        var done = new ManualResetEventSlim();
        new Thread(() =>
        {
            try { Compile(a, some); }
            finally { done.Set(); }
        }) { Name = $"compiling {a.GetName().Name}", IsBackground = true }.Start();
        return done;
    });

    static void Compile(Assembly assembly, Func<Type, bool> some)
    {
        const BindingFlags All = BindingFlags.DeclaredOnly | BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;
        foreach (var type in assembly.GetTypes().Where(t => !t.ContainsGenericParameters && some(t)))
            foreach (var method in type.GetMethods(All))
                if (method is { IsAbstract: false, ContainsGenericParameters: false } && method.GetMethodBody() is not null)
                    RuntimeHelpers.PrepareMethod(method.MethodHandle);
    }
}
