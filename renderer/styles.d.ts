// The build takes style sheets in by name.
declare module "*.css";
