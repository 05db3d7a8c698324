using System.Reflection;
using System.Runtime.CompilerServices;
using OscLooper.Dsp;

namespace OscLooper.Server.Realtime;

/// <summary>[any] Compiles what the audio side may call before a device calls it, on threads beside main, so that the server is ready the sooner.</summary>
static class Compiling
{
    const BindingFlags All = BindingFlags.DeclaredOnly | BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

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
        var types = assembly.GetTypes().Where(t => !t.ContainsGenericParameters && t.Name[0] != '<' && some(t)).ToList();
        // Generic types of ours as they are used in fields: rings, handovers.
        var closed = types.SelectMany(t => t.GetFields(All)).Select(f => f.FieldType)
            .Where(f => f is { IsConstructedGenericType: true, ContainsGenericParameters: false } && f.Namespace?.StartsWith("OscLooper", StringComparison.Ordinal) == true).Distinct();
        foreach (var type in types.Concat(closed.ToList())) Compile(type);
    }

    static void Compile(Type type)
    {
        var arguments = type.GetGenericArguments().Select(a => a.TypeHandle).ToArray();
        var plays = false;
        foreach (var method in type.GetMethods(All))
        {
            if (method is not { IsAbstract: false, ContainsGenericParameters: false } || method.GetMethodBody() is not { } body || !MayPlay(method, body)) continue;
            RuntimeHelpers.PrepareMethod(method.MethodHandle, arguments);
            plays = true;
        }
        // What is made once for a type is made now.
        if (!plays || type.TypeInitializer is null) return;
        try
        {
            RuntimeHelpers.RunClassConstructor(type.TypeHandle);
        }
        catch (TypeInitializationException)
        {
            // Whoever needs the type will be told.
        }
    }

    // The audio side touches no text, no delegate and no collection, so a method that does belongs to main and can wait until it is called;
    // and what is as short as a getter is compiled into its caller.
    static bool MayPlay(MethodInfo method, MethodBody body)
    {
        const int Getter = 8;
        if (!method.IsVirtual && body.GetILAsByteArray()!.Length <= Getter) return false;
        if (IsMains(method.ReturnType)) return false;
        foreach (var parameter in method.GetParameters())
            if (IsMains(parameter.ParameterType)) return false;
        foreach (var local in body.LocalVariables)
            if (IsMains(local.LocalType)) return false;
        return true;
    }

    static bool IsMains(Type type) =>
        type == typeof(string) || typeof(Delegate).IsAssignableFrom(type) || typeof(System.Collections.IEnumerable).IsAssignableFrom(type) && !type.IsArray
        || type == typeof(Branch) || type == typeof(JobCall) || type == typeof(SettingChange) || type == typeof(Desk);
}
