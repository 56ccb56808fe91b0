/** A tool that one signs in to: where its program is below the tools' folder, by the command's name. */
export const TOOL_COMMANDS: Readonly<Record<string, string>> = {
  // The package's own link is made by an install script, which is not run: the program is in the package of this platform.
  claude: 'node_modules/@anthropic-ai/claude-code-linux-x64/claude',
  codex: 'node_modules/@openai/codex/bin/codex.js',
  gemini: 'node_modules/@google/gemini-cli/bundle/gemini.js',
};
