namespace OscLooper.Server.Vault;

/// <summary>[any] What was found damaged when something was opened, and what became of it.</summary>
/// <param name="File">Path below the session's folder, or the imp where no file is to blame.</param>
/// <param name="Why">What is wrong with it, and what was taken instead.</param>
/// <param name="IsLoss">Something that was saved is not there again, or is there in an older state.</param>
readonly record struct Damage(string File, string Why, bool IsLoss)
{
    /// <summary>[any] A file that is whole, but another than the one that was written.</summary>
    public static Damage Changed(string file) => new(file, "is not as it was saved, but whole: somebody changed it; it is taken as it is", false);

    public override string ToString() => $"{File} {Why}";
}
