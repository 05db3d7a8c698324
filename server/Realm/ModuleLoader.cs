using System.Reflection;

namespace OscLooper.Server.Realm;

/// <summary>[main] Finds modules: every DLL in the folder modules/ beside the program, by <see cref="ModuleAttribute"/>.</summary>
static class ModuleLoader
{
    /// <summary>[main] Where modules lie.</summary>
    public static string Folder => Path.Combine(AppContext.BaseDirectory, "modules");

    /// <summary>[main] The modules of these names (when none is named, or "all": all but those that want to be named), each with how to make one; trouble becomes a line.</summary>
    public static IReadOnlyList<(string Name, Func<Branch, Module> Make)> Find(IReadOnlyList<string> wanted, Action<string> trouble)
    {
        var all = wanted.Count == 0 || wanted.Contains("all");
        var found = new List<(string, Func<Branch, Module>)>();
        foreach (var file in Files)
        {
            foreach (var (name, about, type) in ModulesIn(file, trouble))
            {
                if (!wanted.Contains(name) && (!all || about.OnlyWhenNamed)) continue;
                found.Add((name, at => Make(type, at)));
            }
        }
        foreach (var name in wanted.Where(w => w != "all" && !found.Exists(f => f.Item1 == w))) trouble($"there is no module named {name} in {Folder}");
        return found;
    }

    /// <summary>[main] Every module that is there, with its sentence.</summary>
    public static IReadOnlyList<ModuleAttribute> List(Action<string> trouble) =>
        [.. Files.SelectMany(file => ModulesIn(file, trouble)).Select(m => m.About)];

    static IEnumerable<string> Files => Directory.Exists(Folder) ? Directory.GetFiles(Folder, "*.dll").Order(StringComparer.Ordinal) : [];

    static IEnumerable<(string Name, ModuleAttribute About, Type Type)> ModulesIn(string file, Action<string> trouble)
    {
        try
        {
            return [.. from type in Assembly.LoadFrom(file).GetTypes()
                       let attribute = type.GetCustomAttribute<ModuleAttribute>()
                       where attribute is not null && typeof(Module).IsAssignableFrom(type)
                       select (attribute.Name, attribute, type)];
        }
        catch (Exception reason) when (reason is BadImageFormatException or IOException or ReflectionTypeLoadException)
        {
            trouble($"{Path.GetFileName(file)} is not a module: {reason.Message}");
            return [];
        }
    }

    static Module Make(Type type, Branch at)
    {
        try
        {
            return (Module)Activator.CreateInstance(type, at)!;
        }
        catch (TargetInvocationException wrapped) when (wrapped.InnerException is { } inner)
        {
            throw new InvalidOperationException($"{type.FullName}: {inner.Message}", inner);
        }
    }
}
