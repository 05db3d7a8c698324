using System.Reflection;
using System.Reflection.Emit;

namespace OscLooper.Tests.House;

/// <summary>
/// Walks all code that can be reached from the audio side, through virtual and interface calls to every override in our assemblies, and
/// names what would allocate, lock, throw, wait, or leave our code for something that is not known to be harmless.
/// Not seen: what a static constructor does (the warm-up runs those), and exceptions that the runtime throws itself.
/// </summary>
sealed class AudioSideLaw(IReadOnlyCollection<Assembly> ours)
{
    // Harmless as a whole: arithmetic, memory that is there already, atomic reads and writes.
    static readonly HashSet<string> harmlessTypes =
    [
        "System.Math", "System.MathF", "System.Span`1", "System.ReadOnlySpan`1", "System.MemoryExtensions", "System.Nullable`1", "System.Index", "System.Range",
        "System.Double", "System.Single", "System.Int32", "System.Int64", "System.UInt32", "System.UInt64", "System.Int128", "System.UInt128", "System.Byte", "System.IntPtr", "System.UIntPtr",
        "System.BitConverter", "System.Numerics.BitOperations", "System.Numerics.Vector", "System.Numerics.Vector`1", "System.Numerics.Complex", "System.Half",
        "System.Runtime.CompilerServices.Unsafe", "System.Runtime.InteropServices.MemoryMarshal", "System.Threading.Volatile", "System.Threading.Interlocked",
    ];

    // Harmless one by one.
    static readonly HashSet<string> harmlessMethods =
    [
        "System.Object..ctor", "System.Diagnostics.Stopwatch.GetTimestamp", "System.GC.GetAllocatedBytesForCurrentThread", "System.GC.CollectionCount", "System.Runtime.JitInfo.GetCompiledMethodCount",
        "System.Runtime.InteropServices.GCHandle.FromIntPtr", "System.Runtime.InteropServices.GCHandle.get_Target",
        "System.Runtime.CompilerServices.RuntimeHelpers.IsReferenceOrContainsReferences", "System.Array.get_Length", "System.Array.Clear", "System.Array.AsSpan",
        "System.Buffer.MemoryCopy", "System.Runtime.InteropServices.NativeMemory.Copy", "System.Runtime.InteropServices.NativeMemory.Clear",
    ];

    // Calls out of the process that do not wait.
    static readonly HashSet<string> harmlessNatives =
    [
        "WakeEvent.write", "ThreadClock.clock_gettime", "ThreadClock.gettid", "Jack.jack_port_get_buffer", "Jack.jack_last_frame_time", "Jack.jack_transport_query",
    ];

    // Natives of which none waits: one type each.
    static readonly HashSet<string> harmlessNativeTypes = ["JackMidiCalls", "FluidCalls"];

    // Stand behind a flag that only workers set; whoever calls them from elsewhere is named.
    static readonly HashSet<string> guarded = ["Tape.Extend > SegmentPool.TakeOnWorker", "Tape.Own > SegmentPool.TakeOnWorker", "NoteTape.Fresh > SegmentPool.TakeOnWorker"];

    readonly Type[] types = [.. ours.SelectMany(a => a.GetTypes())];
    readonly SortedSet<string> offences = [];
    readonly Dictionary<MethodBase, MethodBase?> cameFrom = [];
    readonly Queue<MethodBase> todo = new();

    /// <summary>All methods that were read.</summary>
    internal IReadOnlyCollection<MethodBase> Methods => cameFrom.Keys;

    /// <summary>How many methods were read.</summary>
    internal int MethodsRead => cameFrom.Count;

    /// <summary>Every offence that can be reached from these methods, with the way to it.</summary>
    internal IReadOnlyCollection<string> Offences(IEnumerable<MethodBase> roots)
    {
        foreach (var root in roots) Go(root, null);
        while (todo.TryDequeue(out var method)) Read(method);
        return offences;
    }

    void Go(MethodBase method, MethodBase? from)
    {
        if (cameFrom.TryAdd(method, from)) todo.Enqueue(method);
    }

    void Read(MethodBase method)
    {
        foreach (var (code, operand) in IlReader.Read(method))
        {
            if (code == OpCodes.Newarr) Name(method, $"new {((Type)operand!).Name}[]");
            else if (code == OpCodes.Box && !((Type)operand!).IsGenericParameter) Name(method, $"box {((Type)operand).Name}");
            else if (code == OpCodes.Throw || code == OpCodes.Rethrow) Name(method, "throw");
            else if (code == OpCodes.Calli) Name(method, "calls a function pointer");
            else if (code == OpCodes.Ldstr) Name(method, "a string");
            else if (operand is MethodBase callee)
            {
                if (code == OpCodes.Newobj && !callee.DeclaringType!.IsValueType) Name(method, $"new {callee.DeclaringType.Name}");
                else if (code == OpCodes.Newobj || code == OpCodes.Call || code == OpCodes.Callvirt) Called(method, callee, code == OpCodes.Callvirt);
            }
        }
    }

    void Called(MethodBase from, MethodBase callee, bool isVirtual)
    {
        var type = callee.DeclaringType!;
        if ((callee.Attributes & MethodAttributes.PinvokeImpl) != 0)
        {
            if (!harmlessNatives.Contains($"{type.Name}.{callee.Name}") && !harmlessNativeTypes.Contains(type.Name)) Name(from, $"native {type.Name}.{callee.Name}");
        }
        else if (callee.Name.EndsWith("OnWorker"))
        {
            if (!guarded.Contains($"{from.DeclaringType!.Name}.{from.Name} > {type.Name}.{callee.Name}")) Name(from, $"calls {type.Name}.{callee.Name}");
        }
        else if (ours.Contains(type.Assembly))
        {
            Go(callee, from);
            if (isVirtual && callee is MethodInfo { IsVirtual: true, IsFinal: false } method)
                foreach (var other in Overrides(method)) Go(other, from);
        }
        else if (!IsHarmless(type, callee)) Name(from, $"calls {type.Name}.{callee.Name}");
    }

    static bool IsHarmless(Type type, MethodBase method)
    {
        var name = type.IsGenericType ? type.GetGenericTypeDefinition().FullName! : type.FullName ?? type.Name;
        return harmlessTypes.Contains(name) || name.StartsWith("System.Runtime.Intrinsics.") || name.StartsWith("System.ValueTuple")
            || harmlessMethods.Contains($"{name}.{method.Name}");
    }

    IEnumerable<MethodBase> Overrides(MethodInfo method)
    {
        var declaring = method.DeclaringType!;
        foreach (var type in types.Where(t => t is { IsInterface: false, ContainsGenericParameters: false } && declaring.IsAssignableFrom(t)))
            if (declaring.IsInterface)
            {
                var map = type.GetInterfaceMap(declaring);
                var place = Array.IndexOf(map.InterfaceMethods, method);
                if (place >= 0) yield return map.TargetMethods[place];
            }
            else
                foreach (var own in type.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
                    if (own.IsVirtual && own.GetBaseDefinition() == method.GetBaseDefinition()) yield return own;
    }

    void Name(MethodBase method, string what)
    {
        var way = new List<string>();
        for (MethodBase? at = method; at is not null; at = cameFrom[at]) way.Insert(0, $"{at.DeclaringType?.Name}.{at.Name}");
        offences.Add($"{method.DeclaringType?.Name}.{method.Name}: {what}   ({string.Join(" > ", way)})");
    }
}
