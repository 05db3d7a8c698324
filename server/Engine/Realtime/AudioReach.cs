using System.Reflection;
using System.Runtime.InteropServices;

namespace OscLooper.Server.Realtime;

/// <summary>
/// [any] All code that can be reached from where an assembly is called on the audio side: what is called, every override of what is called
/// through a table, instances of generic code, and the types whose statics are touched. The instructions are read as ECMA-335 III has them.
/// </summary>
sealed class AudioReach
{
    const BindingFlags Any = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
    const int Call = 0x28, CallVirtual = 0x6F, NewObject = 0x73, LoadStatic = 0x7E, StoreStatic = 0x80, Switch = 0x45, Prefix = 0xFE, LoadFunction = 0xFE06, LoadVirtualFunction = 0xFE07;

    // Code can be written so that it needs ever new instances of itself; nobody's honest module comes near.
    const int MostMethods = 100_000;

    readonly Assembly own;
    readonly Type[] types;
    readonly HashSet<MethodBase> methods = [];
    readonly HashSet<Type> touched = [];
    readonly Queue<MethodBase> todo = new();

    /// <summary>[any] Walks at once.</summary>
    internal AudioReach(Assembly own)
    {
        this.own = own;
        types = TypesOf(own);
        foreach (var root in Roots()) Go(root);
        while (methods.Count < MostMethods && todo.TryDequeue(out var method))
            try
            {
                Read(method);
            }
            catch (Exception)
            {
                // It needs what is not there: whoever calls it will be told.
            }
    }

    /// <summary>[any] The methods, in the order in which they were found.</summary>
    internal IReadOnlyCollection<MethodBase> Methods => methods;

    /// <summary>[any] Types that have been made ready when their statics are.</summary>
    internal IReadOnlyCollection<Type> Types => touched;

    // A module is called by the engine, the engine by the drivers, the drivers by libraries.
    IEnumerable<MethodBase> Roots()
    {
        foreach (var type in types)
            if (type == typeof(Engine)) yield return type.GetMethod(nameof(Engine.Process))!;
            else if (type.IsSubclassOf(typeof(Module)))
            {
                foreach (var method in type.GetMethods(Any))
                    if (method.Name is nameof(Module.Handle) or nameof(Module.Process) or $"get_{nameof(Module.IsIdle)}" && method.IsVirtual) yield return method;
                if (typeof(ISelfCutting).IsAssignableFrom(type)) yield return type.GetInterfaceMap(typeof(ISelfCutting)).TargetMethods[0];
            }
            else if (typeof(Audio.IAudioDriver).IsAssignableFrom(type))
                foreach (var method in type.GetMethods(Any))
                    if (method.IsDefined(typeof(UnmanagedCallersOnlyAttribute))) yield return method;
    }

    bool IsOurs(Type type) => type.Assembly == own || type.Assembly == typeof(Engine).Assembly || type.Assembly == typeof(Module).Assembly || type.Assembly == typeof(Dsp.Mix).Assembly;

    // Of the runtime's own code only what is made for our types: the rest is compiled already.
    void Go(MethodBase method)
    {
        if (method.DeclaringType is not { } type || !IsOurs(type) && !method.IsGenericMethod && !type.IsGenericType) return;
        if (methods.Add(method)) todo.Enqueue(method);
    }

    void Read(MethodBase method)
    {
        if (method.DeclaringType is { } type && IsOurs(type)) touched.Add(type);
        if (method.GetMethodBody()?.GetILAsByteArray() is not { } il) return;
        for (var i = 0; i < il.Length;)
        {
            int code = il[i++];
            if (code == Prefix) code = Prefix << 8 | il[i++];
            if (code is Call or CallVirtual or NewObject or LoadFunction or LoadVirtualFunction)
                Called(Resolve(method, BitConverter.ToInt32(il, i)) as MethodBase, code is CallVirtual or LoadVirtualFunction);
            else if (code is >= LoadStatic and <= StoreStatic && Resolve(method, BitConverter.ToInt32(il, i))?.DeclaringType is { } holder && IsOurs(holder))
                touched.Add(holder);
            i += code == Switch ? 4 + 4 * BitConverter.ToInt32(il, i) : OperandBytes(code);
        }
    }

    // Not everything that a stranger's module refers to is there; then its call fails when it is made, and not here.
    static MemberInfo? Resolve(MethodBase inside, int token)
    {
        try
        {
            return inside.Module.ResolveMember(token,
                inside.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null, inside.IsGenericMethod ? inside.GetGenericArguments() : null);
        }
        catch (Exception)
        {
            return null;
        }
    }

    static Type[] TypesOf(Assembly assembly)
    {
        IEnumerable<Type?> all;
        try
        {
            all = assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException some)
        {
            all = some.Types;
        }
        return [.. all.OfType<Type>().Where(t => t is { IsInterface: false, ContainsGenericParameters: false })];
    }

    void Called(MethodBase? callee, bool isVirtual)
    {
        if (callee is null) return;
        Go(callee);
        if (isVirtual && callee is MethodInfo { IsVirtual: true, IsFinal: false } method && method.DeclaringType is { } declaring && IsOurs(declaring))
            foreach (var other in Overrides(method, declaring)) Go(other);
    }

    IEnumerable<MethodBase> Overrides(MethodInfo method, Type declaring)
    {
        foreach (var type in declaring.Assembly == own ? types : types.Concat(TypesOf(declaring.Assembly)))
            if (!declaring.IsAssignableFrom(type)) continue;
            else if (declaring.IsInterface)
            {
                var map = type.GetInterfaceMap(declaring);
                var place = Array.IndexOf(map.InterfaceMethods, method);
                if (place >= 0) yield return map.TargetMethods[place];
            }
            else
                foreach (var other in type.GetMethods(Any))
                    if (other.IsVirtual && other.Name == method.Name && other.GetBaseDefinition() == method.GetBaseDefinition()) yield return other;
    }

    /// <summary>[any] Bytes of what follows an instruction (ECMA-335 III 1.2, and the table in VI C.2).</summary>
    internal static int OperandBytes(int code) => code switch
    {
        >= 0x0E and <= 0x13 or 0x1F or >= 0x2B and <= 0x37 or 0xDE => 1,
        0x21 or 0x23 => 8,
        0x20 or 0x22 or >= 0x27 and <= 0x29 or >= 0x38 and <= 0x44 or >= 0x6F and <= 0x75 or 0x79 or >= 0x7B and <= 0x81 or 0x8C or 0x8D or 0x8F
            or >= 0xA3 and <= 0xA5 or 0xC2 or 0xC6 or 0xD0 or 0xDD => 4,
        0xFE06 or 0xFE07 or 0xFE15 or 0xFE16 or 0xFE1C => 4,
        >= 0xFE09 and <= 0xFE0E => 2,
        0xFE12 or 0xFE19 => 1,
        _ => 0,
    };
}
