using System.Reflection;

namespace OscLooper.Server.Realm;

/// <summary>[main] Finds modules: every DLL in the folder modules/ beside the program, by <see cref="ModuleAttribute"/>.</summary>
static class ModuleLoader
{
    /// <summary>[main] Where modules lie.</summary>
    public static string Folder => Path.Combine(AppContext.BaseDirectory, "modules");

    /// <summary>[main] The modules of these names (all when none is named, or "all"), each with how to make one; trouble becomes a line.</summary>
    public static IReadOnlyList<(string Name, Func<Branch, Module> Make)> Find(IReadOnlyList<string> wanted, Action<string> trouble)
    {
        var all = wanted.Count == 0 || wanted.Contains("all");
        var found = new List<(string, Func<Branch, Module>)>();
        var files = Directory.Exists(Folder) ? Directory.GetFiles(Folder, "*.dll").Order(StringComparer.Ordinal) : Enumerable.Empty<string>();
        foreach (var file in files)
        {
            foreach (var (name, type) in ModulesIn(file, trouble))
            {
                if (!all && !wanted.Contains(name)) continue;
                found.Add((name, at => Make(type, at)));
            }
        }
        foreach (var name in wanted.Where(w => w != "all" && !found.Exists(f => f.Item1 == w))) trouble($"there is no module named {name} in {Folder}");
        return found;
    }

    static IEnumerable<(string Name, Type Type)> ModulesIn(string file, Action<string> trouble)
    {
        try
        {
            return [.. from type in Assembly.LoadFrom(file).GetTypes()
                       let attribute = type.GetCustomAttribute<ModuleAttribute>()
                       where attribute is not null && typeof(Module).IsAssignableFrom(type)
                       select (attribute.Name, type)];
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
