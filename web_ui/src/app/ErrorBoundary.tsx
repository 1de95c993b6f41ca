import { Button, Result } from "antd";
import i18next from "i18next";
import { Component, type ReactNode } from "react";

/** Catches what no code foresaw: a page that says so is better than a white one. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError() {
    return { broken: true };
  }

  override render() {
    if (!this.state.broken) return this.props.children;
    return (
      <Result
        status="error"
        title={i18next.t("app.crashed")}
        subTitle={i18next.t("app.crashedHint")}
        extra={
          <Button type="primary" onClick={() => location.reload()}>
            {i18next.t("app.reload")}
          </Button>
        }
      />
    );
  }
}
