using System.Reflection;
using System.Runtime.Loader;

namespace OscLooper.Server.Realm;

/// <summary>[main] Watches unloaded modules until they are gone. One that is still there after some collections is reported, with who holds it where that can be seen.</summary>
sealed class LeakWatch(Action<string> report)
{
    const int Patience = 10;

    sealed class Watched(string name, WeakReference context)
    {
        public string Name => name;
        public WeakReference Context => context;
        public int Looks;
        public string Holder = "";
    }

    readonly List<Watched> pending = [], leaked = [];

    /// <summary>[main] Modules that were unloaded and are still held: imp, and by what.</summary>
    public IReadOnlyList<(string Imp, string Holder)> Leaked => leaked.ConvertAll(l => (l.Name, l.Holder));

    /// <summary>[main] Unloaded modules that have not gone yet.</summary>
    public int Pending => pending.Count(p => p.Context.IsAlive);

    /// <summary>[main] Begins to unload.</summary>
    public void Unload(string imp, AssemblyLoadContext context)
    {
        pending.Add(new Watched(imp, new WeakReference(context)));
        context.Unload();
    }

    /// <summary>[main] Looks once; every look asks for a collection that does not stop the others for long.</summary>
    public void Look()
    {
        leaked.RemoveAll(l => !l.Context.IsAlive);
        if (pending.Count == 0) return;
        pending.RemoveAll(p => !p.Context.IsAlive);
        if (pending.Count == 0) return;
        foreach (var one in pending.Where(p => ++p.Looks >= Patience).ToList())
        {
            pending.Remove(one);
            var holder = HolderOf(one.Context) ?? "somebody unknown (a thread, a timer or a GC handle of its own)";
            one.Holder = holder;
            leaked.Add(one);
            report($"{one.Name}: its old module was unloaded but is still held by {holder}");
        }
        GC.Collect(2, GCCollectionMode.Forced, blocking: false);
    }

    // Handlers on static events and delegates of the server, the contract and the usual places of the framework.
    static string? HolderOf(WeakReference context)
    {
        if (context.Target is not AssemblyLoadContext leaked) return null;
        var usual = new[] { typeof(AppContext), typeof(AppDomain), typeof(Console), typeof(TaskScheduler) };
        var ours = AssemblyLoadContext.Default.Assemblies.Where(a => a.GetName().Name?.StartsWith(nameof(OscLooper), StringComparison.Ordinal) == true).SelectMany(a => a.GetTypes());
        foreach (var type in usual.Concat(ours).Where(t => !t.ContainsGenericParameters))
            foreach (var field in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                if (!typeof(Delegate).IsAssignableFrom(field.FieldType) || field.IsLiteral) continue;
                if (field.GetValue(null) is not Delegate held) continue;
                foreach (var one in held.GetInvocationList())
                    if (leaked.Assemblies.Contains(one.Method.Module.Assembly) || (one.Target is { } target && leaked.Assemblies.Contains(target.GetType().Assembly)))
                        return $"{type.FullName}.{field.Name}, to which {one.Method.DeclaringType?.FullName}.{one.Method.Name} was added";
            }
        return null;
    }
}
