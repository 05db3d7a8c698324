using System.Reflection;
using System.Runtime.InteropServices;

namespace OscLooper.Tests.House;

/// <summary>What is said of native libraries where they are imported (NativeCallsAttribute), held against the compiled code.</summary>
public class NativeRules
{
    const BindingFlags All = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    // The system's own: their functions are imported where they are used.
    static readonly HashSet<string> ofSystem = ["libc", "c", "m", "ucrt", "kernel32"];

    [Test]
    public void Every_native_import_says_which_threads_may_call_and_is_called_like_that()
    {
        var offences = Offences(AudioSideRules.Ours.SelectMany(a => a.GetTypes()), out var imports);
        TestContext.Out.WriteLine($"{imports} imports");
        Assert.That(offences, Is.Empty, string.Join("\n", offences));
        Assert.That(imports, Is.GreaterThan(50), "the walk must find them");
    }

    [TestCase(typeof(Silent), "Silent: no NativeCalls")]
    [TestCase(typeof(Wrong), "Wrong: imports portaudio, not jack")]
    [TestCase(typeof(Fast), "Fast.getpid: SuppressGCTransition")]
    [TestCase(typeof(Loose), "Loose.Past calls Loose.Pa_GetVersion past the session")]
    public void A_planted_offence_is_found_by_name(Type type, string expected) =>
        Assert.That(Offences([type, .. type.GetNestedTypes(All)], out _), Has.Some.StartsWith(expected));

    [Test]
    public void A_second_type_for_a_library_is_an_offence() =>
        Assert.That(Offences([typeof(One), typeof(Two)], out _), Is.EqualTo(new[] { "portaudio: in One and Two" }));

    static List<string> Offences(IEnumerable<Type> types, out int imports)
    {
        var (offences, homes, count) = (new List<string>(), new SortedDictionary<string, SortedSet<string>>(), 0);
        var all = types.ToArray();
        foreach (var type in all)
        {
            foreach (var native in Methods(type).OfType<MethodInfo>().Where(m => m.GetCustomAttribute<DllImportAttribute>() is not null))
            {
                count++;
                var library = native.GetCustomAttribute<DllImportAttribute>()!.Value;
                if (native.GetCustomAttribute<SuppressGCTransitionAttribute>() is not null) offences.Add($"{type.Name}.{native.Name}: SuppressGCTransition (what reports an error to managed code would end the process)");
                if (type.GetCustomAttribute<NativeCallsAttribute>() is not { } said)
                {
                    offences.Add($"{type.Name}: no NativeCalls says who may call {native.Name}");
                    continue;
                }
                if (ofSystem.Contains(library) ? said.Library != "libc" : said.Library != library) offences.Add($"{type.Name}: imports {library}, not {said.Library}");
                if (said.Callers == NativeCallers.OneAtATime)
                    foreach (var caller in all.Where(t => t.Name != "Session" || t.DeclaringType != type).SelectMany(Methods))
                        if (IlReader.Read(caller).Any(i => i.Operand == native)) offences.Add($"{caller.DeclaringType!.Name}.{caller.Name} calls {type.Name}.{native.Name} past the session");
            }
            if (type.GetCustomAttribute<NativeCallsAttribute>() is { Library: not "libc" } home)
            {
                if (!homes.TryGetValue(home.Library, out var known)) homes[home.Library] = known = [];
                known.Add(type.Name);
            }
        }
        offences.AddRange(homes.Where(h => h.Value.Count > 1).Select(h => $"{h.Key}: in {string.Join(" and ", h.Value)}"));
        imports = count;
        return offences;
    }

    static IEnumerable<MethodBase> Methods(Type type) => type.GetMethods(All).Concat<MethodBase>(type.GetConstructors(All));

    static class Silent
    {
        [DllImport("libc")] static extern int getpid();
    }

    [NativeCalls("jack", NativeCallers.OnePerHandle)]
    static class Wrong
    {
        [DllImport("portaudio")] static extern int Pa_GetVersion();
    }

    [NativeCalls("libc", NativeCallers.Any)]
    static class Fast
    {
        [DllImport("libc"), SuppressGCTransition] static extern int getpid();
    }

    [NativeCalls("portaudio", NativeCallers.OneAtATime)]
    static class Loose
    {
        [DllImport("portaudio")] static extern int Pa_GetVersion();
        static int Past() => Pa_GetVersion();
        struct Session
        {
            static int Within() => Pa_GetVersion();
        }
    }

    [NativeCalls("portaudio", NativeCallers.OnePerHandle)]
    static class One;

    [NativeCalls("portaudio", NativeCallers.OnePerHandle)]
    static class Two;
}
